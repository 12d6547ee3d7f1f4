"""A DICOMweb server on a free port of the loopback whose answers a test chooses."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from nonet.frames import Limits
from nonet.serve.dicomweb.address import DicomWebAddress
from nonet.serve.dicomweb.peer import DicomWebPeer, RemoteInstance

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
INSTANCE = RemoteInstance("1.2", "1.3", "1.4")
Answer = Callable[[BaseHTTPRequestHandler], None]


class Peer:
    """A server on a free port of the loopback whose answer a test chooses; with a certificate it speaks HTTPS."""

    def __init__(self, certificate: Path | None = None) -> None:
        peer = self
        self.answer: Answer = lambda handler: None
        self.clients: list[DicomWebPeer] = []
        self.asked: list[tuple[str, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                peer.asked.append((self.path, self.headers.get("Authorization")))
                peer.answer(self)

            do_GET = do_POST = handle_any  # noqa: N815

            def log_message(self, *said: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "dicomweb+https" if certificate else "dicomweb"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = DicomWebAddress.parse(f"{scheme}://127.0.0.1:{self.server.server_port}/studies/1.2")

    def client(self, limits: Limits = Limits(), authority: Path | None = None) -> DicomWebPeer:
        self.clients.append(DicomWebPeer(self.address, {"Authorization": "Bearer SECRET"}, authority, limits))
        return self.clients[-1]

    def stop(self) -> None:
        for client in self.clients:
            client._session.close()
        self.server.shutdown()
        self.server.server_close()


def saying(status: int, body: bytes = b"", kind: str = "application/dicom+json", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def row(instance: str, sop_class: str = ULTRASOUND, series: str = "1.3") -> dict[str, object]:
    values = {"00080016": sop_class, "00080018": instance, "0020000E": series}
    return {tag: {"vr": "UI", "Value": [value]} for tag, value in values.items()}


def listing(*rows: dict[str, object]) -> Answer:
    return saying(200, json.dumps(rows).encode())
