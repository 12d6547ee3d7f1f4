"""Readings as Parquet: one row a frame."""
