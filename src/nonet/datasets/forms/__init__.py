"""A reader for each published form of data set."""
