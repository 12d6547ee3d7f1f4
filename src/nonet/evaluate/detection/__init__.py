"""How well a detector finds the nine structures in the boxed frames of a data set."""
