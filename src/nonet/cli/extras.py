"""A command that needs an extra says which, in one line, where it is not installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["needs_extra"]


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Import within it what an extra of Nonet installs.

    Raises
    ------
    SettingsError
        If a module is not there: it names the extra and the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        if (problem.name or "nonet").partition(".")[0] == "nonet":
            raise
        raise SettingsError(
            f"This command needs the extra {extra!r} of Nonet",
            found=f"no module {problem.name}",
            remedy=f"Install it with: pip install 'nonet[{extra}]' (in a clone: .venv/bin/pip install -e '.[{extra}]')",
        ) from problem
