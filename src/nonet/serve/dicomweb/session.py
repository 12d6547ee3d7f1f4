"""HTTP to a DICOMweb server that cannot make this process hold, wait for or follow what it likes.

Answers are held to a size and a time; nobody is redirected to; proxies and passwords of the environment are not used.
Every failure names the peer and never the address, the header or the body.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from nonet.errors import EnvironmentFailure, InputTooLarge, SettingsError
from nonet.serve.dicomweb.deadline import Deadline, DeadlineAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["GuardedSession", "answering"]

_CHUNK_BYTES = 1 << 20
_CONNECT_SECONDS, _SILENT_SECONDS = 10.0, 60.0
_REDIRECTED = range(300, 400)
_SHUT_OUT = (401, 403)
_BUSY = (429, 502, 503, 504)


class GuardedSession(requests.Session):
    """A session whose answers are bounded.

    Parameters
    ----------
    peer
        The server, for messages.
    headers
        What each request carries, such as credentials.
    authorities
        A file of certificates that the server's must go back to; by default those that requests knows.
    answer_bytes
        Size of an answer that is held in memory.
    answer_seconds
        Time in which an answer must have come whole, from the request on.

    Raises
    ------
    SettingsError
        If there is no file of certificates where one is named.
    """

    def __init__(
        self,
        peer: str,
        headers: Mapping[str, str],
        authorities: Path | None = None,
        answer_bytes: int = 64 << 20,
        answer_seconds: float = 300.0,
    ) -> None:
        super().__init__()
        if authorities and not authorities.is_file():
            raise SettingsError(
                "An authority is a file of certificates",
                found=f"{authorities}: no file",
                remedy="Name a file in PEM form with --authority",
            )
        self.peer = peer
        self.trust_env = False
        self.verify = str(authorities) if authorities else True
        self.headers.update(headers)
        self._answer_bytes, self._answer_seconds = answer_bytes, answer_seconds
        self._deadline = Deadline()
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter(self._deadline))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        """Send one request; an answer that is not asked for as a stream is read up to the bounds."""
        whole = not options.get("stream")
        options |= {"stream": True, "allow_redirects": False, "timeout": (_CONNECT_SECONDS, _SILENT_SECONDS)}
        self._deadline.start(self._answer_seconds)
        with self._in_time():
            answer = super().send(request, **options)
        if answer.status_code in _REDIRECTED:
            answer.close()
            raise _failure(self.peer, f"status {answer.status_code}, which redirects", "Give the address it is at")
        if whole:
            answer._content = b"".join(self.parts(answer, self._answer_bytes))
            answer._content_consumed = True
        return answer

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: so the body of an answer that redirects is not read."""
        del resp

    def parts(self, answer: requests.Response, most_bytes: int) -> Iterator[bytes]:
        """The body of an answer in pieces.

        Raises
        ------
        InputTooLarge
            If there are more bytes.
        EnvironmentFailure
            If they take too long.
        """
        size = 0
        with self._in_time():
            for part in answer.iter_content(_CHUNK_BYTES):
                size += len(part)
                if size > most_bytes:
                    answer.close()
                    raise InputTooLarge(
                        f"An answer of {self.peer} has at most {most_bytes} bytes",
                        found="more",
                        remedy="Read a series or an instance by itself, or export fewer frames to a file",
                    )
                yield part
        self._deadline.stop()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """What ends because the time is over says so, also where it looks like the end of an answer."""
        try:
            yield
        except requests.RequestException:
            if not self._deadline.is_over:
                raise
        if self._deadline.is_over:
            raise EnvironmentFailure(
                f"{self.peer} answers within {self._answer_seconds:g} seconds",
                found="no end of the answer",
                remedy="Ask again when it is less busy",
            )


@contextmanager
def answering(peer: str) -> Iterator[None]:
    """What requests raises within it becomes an error of the machine, or goes on where it is about one object alone.

    Raises
    ------
    EnvironmentFailure
        If the peer cannot be reached, is no DICOMweb server, or refuses everything.
    """
    try:
        yield
    except requests.HTTPError as problem:
        status = problem.response.status_code if problem.response is not None else 0
        if status in _SHUT_OUT:
            raise _failure(peer, f"status {status}", "Name credentials that it takes with --credentials") from None
        if status in _BUSY:
            raise _failure(peer, f"status {status}", "Ask again when it is less busy") from None
        raise
    except requests.exceptions.SSLError:
        remedy = "Name the file of its authority with --authority, or say dicomweb+http:// where no one listens"
        raise _failure(peer, "no certificate that is trusted", remedy) from None
    except requests.Timeout:
        raise _failure(peer, "no answer in time", "Check that it runs and that the port is right") from None
    except requests.ConnectionError:
        raise _failure(peer, "no connection", "Check that it runs, the address, and who may reach it") from None
    except (requests.RequestException, ValueError, KeyError):
        raise _failure(peer, "an answer in another form", "Check the root of its DICOMweb services") from None


def _failure(peer: str, found: str, remedy: str) -> EnvironmentFailure:
    return EnvironmentFailure("A DICOMweb server answers", found=f"{peer}: {found}", remedy=remedy)
