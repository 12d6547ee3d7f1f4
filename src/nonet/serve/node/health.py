"""``GET /health`` on the loopback: what a supervisor wants to know, without anything of a patient."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HealthServer"]

_LOOPBACK = "127.0.0.1"


class HealthServer:
    """Answers with 200 while all is well and 503 while it is not, and why as JSON.

    Parameters
    ----------
    port
        The port on 127.0.0.1; 0 lets the system choose.
    report
        Gives what is answered; ``{"ok": bool, ...}``.

    Attributes
    ----------
    port
        The port that it has.

    Raises
    ------
    OSError
        If the port cannot be listened on.
    """

    def __init__(self, port: int, report: Callable[[], dict[str, Any]]) -> None:
        self._server = _Server((_LOOPBACK, port), _Handler)
        self._server.report = report
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    report: Callable[[], dict[str, Any]]

    def handle_error(self, request: object, client_address: object) -> None:
        """A supervisor that hangs up is no event."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "nonet"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        """Answer."""
        if self.path != "/health":
            self.send_error(404)
            return
        report = self.server.report()
        body = (json.dumps(report, indent=2) + "\n").encode()
        self.send_response(200 if report["ok"] else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Questions of a supervisor are not logged."""
