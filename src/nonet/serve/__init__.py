"""What answers others while it runs: the DICOM node."""
