"""Readings of many files in a store: a data set of Parquet parts in a folder or an object store, by any engine."""
