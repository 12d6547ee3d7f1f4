"""Changes of a frame of known size and place."""
