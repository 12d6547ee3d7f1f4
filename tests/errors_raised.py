"""Expect an error by its class and by what was found, not by the words of its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nonet.errors import NonetError


@contextmanager
def raised(kind: type[NonetError], *, found: str) -> Iterator[pytest.ExceptionInfo[NonetError]]:
    """Within it an error of a kind must be raised, whose field ``found`` matches a regular expression."""
    with pytest.raises(kind) as caught:
        yield caught
    assert re.search(found, caught.value.found), f"{found!r} is not in what was found: {caught.value.found!r}"
