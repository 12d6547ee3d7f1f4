"""The embedder learns which structure a crop shows and, without labels, what makes one unlike another."""
