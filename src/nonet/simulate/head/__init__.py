"""The anatomy, in millimetres."""
