"""Findings over HTTP: an image comes in as the body of a POST, its readings go out as JSON, or its report as DICOM."""
