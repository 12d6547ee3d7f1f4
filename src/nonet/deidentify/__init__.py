"""DICOM files without what identifies a patient, in tags and in pixels."""
