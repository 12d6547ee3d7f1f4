"""Train a detector by a recipe."""
