"""A reading for people: a terminal table, a labelled picture, one HTML page and a CSV; and its schema for programs."""
