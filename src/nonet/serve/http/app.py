"""The application: ``POST /findings`` reads an image, ``GET /health`` says that the program can.

One image is read at a time, whoever asks; a fixed number of bodies is held meanwhile, and further requests wait
unread. So the memory that is used does not depend on how many peers there are.
"""

from __future__ import annotations

import asyncio
import io
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nonet.errors import NonetError
from nonet.serve.http.body import receive_body
from nonet.serve.http.problems import NotAcceptable, problem_of, unexpected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from nonet.reader import Reader
    from nonet.reading import Reading

__all__ = ["HttpLimits", "make_app"]

_DICOM = "application/dicom"
_ANSWERS = ("application/json", "application/*", "*/*")


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What peers may ask for.

    Parameters
    ----------
    body_bytes
        Size of a body.
    receive_seconds
        Time in which a request, its body included, must have come.
    bodies
        Bodies held at the same time.
    connections
        Connections at the same time; further ones are answered with 503.
    """

    body_bytes: int = 64 << 20
    receive_seconds: float = 30.0
    bodies: int = 4
    connections: int = 64


def make_app(reader: Reader, limits: HttpLimits, hosts: Sequence[str]) -> Starlette:
    """The application.

    Parameters
    ----------
    reader
        What reads; it is used by one request at a time.
    limits
        What peers may ask for.
    hosts
        The names of this machine that a request may be addressed to, ``*`` for any: a web page that has its own name
        point here is refused.
    """
    service = _Service(reader, limits)
    routes = [
        Route("/findings", service.findings, methods=["POST"]),
        Route("/health", service.health, methods=["GET"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))])


class _Service:
    def __init__(self, reader: Reader, limits: HttpLimits) -> None:
        self._reader, self._limits = reader, limits
        self._bodies, self._reading = asyncio.Semaphore(limits.bodies), asyncio.Lock()

    async def health(self, request: Request) -> Response:
        del request
        bundle = asdict(self._reader.bundle.reference)
        return JSONResponse({"status": "ok", "reading": self._reading.locked(), "bundle": bundle})

    async def findings(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except NonetError as error:
            return problem_of(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as fault:
            sys.stderr.write(f"nonet: a request failed with {type(fault).__name__}\n")
            return unexpected()

    async def _answer(self, request: Request) -> Response:
        wants_report = _wants_report(request.headers.get("accept", "*/*"))
        async with self._bodies:
            body = await receive_body(request, self._limits.body_bytes, self._limits.receive_seconds)
            async with self._reading:
                readings, error = await asyncio.to_thread(self._read, body)
                if error:
                    return problem_of(error, members={"readings": [reading.to_dict() for reading in readings]})
                if wants_report:
                    return Response(await asyncio.to_thread(_report, readings, body), media_type=_DICOM)
        return JSONResponse([reading.to_dict() for reading in readings])

    def _read(self, body: bytes) -> tuple[list[Reading], NonetError | None]:
        """The readings of a body's frames, and the error if not all could be read."""
        readings: list[Reading] = []
        try:
            readings.extend(reading for _, reading in self._reader.read_source(body))
        except NonetError as error:
            return readings, error
        return readings, None


def _wants_report(accept: str) -> bool:
    """Whether the answer is to be a report in DICOM.

    Raises
    ------
    NotAcceptable
        If neither that nor JSON is accepted.
    """
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    if _DICOM in kinds:
        return True
    if any(kind in _ANSWERS for kind in kinds):
        return False
    raise NotAcceptable(
        "Findings go out as application/json or application/dicom",
        found="an Accept header with neither",
        remedy="Ask for one of these, or send no Accept header",
    )


def _report(readings: list[Reading], body: bytes) -> bytes:
    """The findings of all frames as one structured report, a DICOM file.

    Raises
    ------
    NotAcceptable
        If the image was not DICOM.
    """
    from nonet.outputs.dicom.report import structured_report
    from nonet.outputs.dicom.source import header_of

    if not readings[0].source.sop_instance_uid:
        raise NotAcceptable(
            "A report is of a DICOM image",
            found="an image in another form",
            remedy="Send the DICOM file, or accept application/json",
        )
    buffer = io.BytesIO()
    structured_report(readings, header_of(body)).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
