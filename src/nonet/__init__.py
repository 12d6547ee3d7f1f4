"""Nonet reads first-trimester ultrasound of the fetal head: nine structures in a mid-sagittal frame."""

from __future__ import annotations

__version__ = "0.1.0"
