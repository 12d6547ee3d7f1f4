"""TOML files that people write: read within bounds, with an error that names the key and the one that was meant."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import ValidationError

__all__ = ["field_names", "first_fault", "read_toml"]

_CAP_BYTES = 1 << 20
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def read_toml(path: Path) -> dict[str, Any]:
    """The fields of a TOML file.

    Raises
    ------
    ValueError
        If it is no regular file, larger than a MiB, not UTF-8, not TOML, or nested too deep.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise ValueError("no such file")
    if path.stat().st_size > _CAP_BYTES:
        raise ValueError(f"more than {_CAP_BYTES} bytes")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem


def field_names(*kinds: type[Any]) -> list[str]:
    """The names of the fields of some dataclasses."""
    return sorted({name for kind in kinds for name in kind.__dataclass_fields__})


def first_fault(problem: ValidationError, fields: dict[str, Any], known: list[str]) -> str:
    """The field that does not fit, a key that is unknown first: what is wrong, and the known key that is nearest.

    Parameters
    ----------
    problem
        What validation found.
    fields
        What the file says.
    known
        The keys that there are.
    """
    errors = problem.errors()
    first = next((one for one in errors if one["type"] in _UNKNOWN), errors[0])
    key = ".".join(map(str, first["loc"]))
    if first["type"] not in _UNKNOWN:
        return f"{key}: {first['msg']}"
    near = difflib.get_close_matches(str(first["loc"][-1]), [*known, *fields], n=2)
    meant = [name for name in near if name != first["loc"][-1]]
    return f"{key}: no such field" + (f"; {meant[0]} is one" if meant else "")
