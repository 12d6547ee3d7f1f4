"""The secret from which pseudonyms, UIDs and date offsets follow: the same key gives the same, another key others."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import uuid
from typing import TYPE_CHECKING

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Key"]

_BYTES = 32
_HEAD = "nonet deidentify key 1: "
_MOST_DAYS = 3650


class Key:
    """A secret of 32 bytes.

    Whoever holds it can tell which output belongs to a patient whose ID they know; nobody else can.

    Parameters
    ----------
    secret
        The bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def random(cls) -> Key:
        """A fresh key, which ends with the run."""
        return cls(secrets.token_bytes(_BYTES))

    @classmethod
    def open_or_make(cls, path: Path) -> tuple[Key, bool]:
        """The key of a file, and whether the file was made now, readable by its owner alone.

        Raises
        ------
        SettingsError
            If the file holds no key.
        """
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls._read(path), False
        secret = secrets.token_bytes(_BYTES)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{_HEAD}{secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(secret), True

    @classmethod
    def _read(cls, path: Path) -> Key:
        with path.open("rb") as file:
            text = file.read(4 * _BYTES).decode("ascii", "replace").strip()
        if not re.fullmatch(re.escape(_HEAD) + f"[0-9a-f]{{{2 * _BYTES}}}", text):
            raise SettingsError(
                f"A key file holds one line, {_HEAD.strip()!r} and {2 * _BYTES} hexadecimal digits",
                found=f"{path}: something else",
                remedy="Name the key file of an earlier run, or one that is not there yet: it is then made",
            )
        return cls(bytes.fromhex(text.removeprefix(_HEAD)))

    def patient(self, identity: bytes) -> str:
        """The pseudonym of a patient."""
        return f"NONET-{self._digest('patient', identity)[:8].hex().upper()}"

    def uid(self, uid: str) -> str:
        """A UID in the place of another (PS3.5, annex B.2: derived from a UUID)."""
        return f"2.25.{uuid.UUID(bytes=self._digest('uid', uid.encode())[:16], version=5).int}"

    def file_name(self, identity: bytes) -> str:
        """A name for a file, which says nothing of the file that it comes from."""
        return self._digest("file", identity)[:8].hex()

    def days(self, identity: bytes) -> int:
        """By how many days the dates of a patient move: one to ten years back, the same for all their dates."""
        return -(365 + int.from_bytes(self._digest("days", identity)[:8], "big") % (_MOST_DAYS - 365))

    def _digest(self, purpose: str, identity: bytes) -> bytes:
        return hmac.new(self._secret, purpose.encode() + b"\0" + identity, hashlib.sha256).digest()
