"""Errors as problem documents (RFC 9457): the rule, what was found, the remedy; never what a tag of the image says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from nonet.errors import EnvironmentFailure, FrameError, InputTooLarge, NonetError, NotAnImage
from nonet.serve.http.body import TooSlow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NotAcceptable", "problem_of", "unexpected"]


class NotAcceptable(NonetError):
    """The findings cannot go out in the form that was asked for."""


_STATUS: tuple[tuple[type[NonetError], int], ...] = (
    (NotAcceptable, 406),
    (TooSlow, 408),
    (InputTooLarge, 413),
    (NotAnImage, 415),
    (FrameError, 422),
    (EnvironmentFailure, 503),
)
_MEDIA_TYPE = "application/problem+json"


def problem_of(error: NonetError, status: int | None = None, members: Mapping[str, Any] | None = None) -> JSONResponse:
    """The answer to a request that failed.

    Parameters
    ----------
    error
        What went wrong.
    status
        The status of the answer; by default that of the error's class, 400 where it has none.
    members
        What more stands in the document.
    """
    status = status or next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    body = {"title": error.rule, "status": status, "detail": f"Found: {error.found}. {error.remedy}."}
    return JSONResponse({**body, **(members or {})}, status, media_type=_MEDIA_TYPE)


def unexpected() -> JSONResponse:
    """The answer where the program itself is at fault: nothing of the input is in it."""
    body = {"title": "The program failed", "status": 500, "detail": "See what it wrote to standard error."}
    return JSONResponse(body, 500, media_type=_MEDIA_TYPE)
