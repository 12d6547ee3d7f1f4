"""A processing module of mercure, the DICOM orchestrator: a folder of DICOM files in, results as DICOM files out."""
