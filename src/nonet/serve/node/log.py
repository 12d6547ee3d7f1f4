"""The node's log: one line an event on standard error, without anything that a DICOM file says of a patient."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from datetime import UTC, datetime

__all__ = ["log", "silence_libraries"]

_LOCK = threading.Lock()
_LONGEST = 300


def log(event: str, **fields: object) -> None:
    """Write a line: the time (UTC), what happened, and named values."""
    words = " ".join(f"{name}={_plain(value)}" for name, value in fields.items() if value is not None)
    line = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {event} {words}".rstrip()
    with _LOCK:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def silence_libraries() -> None:
    """Keep pydicom and pynetdicom from logging or warning: what they quote may be a value of the data set."""
    warnings.simplefilter("ignore")
    for name in ("pydicom", "pynetdicom", "highdicom"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
    from pynetdicom import _config

    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False


def _plain(value: object) -> str:
    """A value in one line of ASCII, quoted where it has spaces."""
    text = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in str(value))[:_LONGEST]
    return f'"{text}"' if " " in text or not text else text
