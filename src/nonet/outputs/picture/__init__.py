"""A reading as a picture: the frame with labelled boxes."""
