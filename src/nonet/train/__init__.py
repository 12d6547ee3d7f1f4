"""Training of the networks that a bundle holds; the only room that needs torch."""
