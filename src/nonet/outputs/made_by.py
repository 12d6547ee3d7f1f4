"""What stands for all that decides a reading besides the file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from nonet.reading import SCHEMA

if TYPE_CHECKING:
    from nonet.reading import Settings

__all__ = ["made_by_hash"]


def made_by_hash(bundle_sha256: str, settings: Settings, best: int | None = None) -> str:
    """A hash of the schema, the bundle, the settings, and how many frames of a loop are kept; 16 hexadecimal digits."""
    said = [SCHEMA, bundle_sha256, repr(settings), *([] if best is None else [best])]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
