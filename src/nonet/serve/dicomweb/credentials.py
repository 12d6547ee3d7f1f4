"""Credentials for a DICOMweb server, from a file or an environment variable that is named; never from an address."""

from __future__ import annotations

import os
import stat
from base64 import b64encode
from pathlib import Path

from nonet.errors import SettingsError
from nonet.frames.guards import open_regular

__all__ = ["authorization"]

_VARIABLE = "env:"
_BEARER = "Bearer "
_CAP_BYTES = 1 << 14


def authorization(named: str | None) -> dict[str, str]:
    """The header that credentials become; none where none are named.

    Parameters
    ----------
    named
        A file, or ``env:NAME`` for an environment variable. It holds ``user:password``, or ``Bearer TOKEN``.

    Raises
    ------
    SettingsError
        If the file may be read by others, or what it holds is neither of the two. The message does not repeat it.
    """
    if named is None:
        return {}
    said = _variable(named.removeprefix(_VARIABLE)) if named.startswith(_VARIABLE) else _content(Path(named))
    printable = said.isascii() and said.isprintable()
    if printable and said.startswith(_BEARER) and " " not in said.removeprefix(_BEARER):
        return {"Authorization": said}
    if printable and ":" in said[1:]:
        return {"Authorization": "Basic " + b64encode(said.encode()).decode()}
    raise SettingsError(
        "Credentials are one line, user:password or Bearer TOKEN",
        found="another form" if said else "nothing",
        remedy="Correct the file or variable that --credentials names",
    )


def _variable(name: str) -> str:
    if name not in os.environ:
        raise SettingsError(
            "The environment variable that --credentials names is set",
            found=f"no variable {name}",
            remedy="Set it, or name a file",
        )
    return os.environ[name].strip()


def _content(path: Path) -> str:
    with open_regular(path) as file:
        if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise SettingsError(
                "A file of credentials is its owner's alone",
                found=f"{path}: a file that others may open",
                remedy=f"chmod 600 {path}",
            )
        return file.read(_CAP_BYTES).decode("utf-8", "replace").strip()
