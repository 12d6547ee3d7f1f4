"""Numbers become grades: a network's probabilities, calibrated, with the grades that cannot be ruled out."""
