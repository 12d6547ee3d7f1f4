"""Boxes become one row of named numbers: from the detector, from radiomics, from the embedder."""
