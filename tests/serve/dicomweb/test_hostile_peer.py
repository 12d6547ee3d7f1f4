"""A DICOMweb server that answers wrongly: each answer is one error that names the server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nonet.errors import DicomError, EnvironmentFailure, InputTooLarge, NonetError
from nonet.frames import Limits
from nonet.serve.dicomweb.address import DicomWebAddress

pytest.importorskip("dicomweb_client")

from nonet.serve.dicomweb.peer import DicomWebPeer, RemoteInstance

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
INSTANCE = RemoteInstance("1.2", "1.3", "1.4")
Answer = Callable[[BaseHTTPRequestHandler], None]


class Peer:
    """A server on a free port of the loopback whose answer a test chooses."""

    def __init__(self) -> None:
        peer = self
        self.answer: Answer = lambda handler: None
        self.asked: list[tuple[str, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                peer.asked.append((self.path, self.headers.get("Authorization")))
                peer.answer(self)

            do_GET = do_POST = handle_any  # noqa: N815

            def log_message(self, *said: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = DicomWebAddress.parse(f"dicomweb://127.0.0.1:{self.server.server_port}/studies/1.2")

    def client(self, limits: Limits = Limits()) -> DicomWebPeer:
        return DicomWebPeer(self.address, {"Authorization": "Bearer SECRET"}, limits=limits)


@pytest.fixture
def peer() -> Iterator[Peer]:
    running = Peer()
    yield running
    running.server.shutdown()
    running.server.server_close()


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


def refused(peer: Peer, call: Callable[[DicomWebPeer], object], kind: type[NonetError]) -> str:
    with pytest.raises(kind) as problem:
        call(peer.client())
    assert "SECRET" not in str(problem.value)
    return str(problem.value)


def test_a_server_that_ignores_the_offset_ends_the_listing(peer: Peer) -> None:
    peer.answer = listing(row("1.4"), row("1.5", sop_class="1.2.840.10008.5.1.4.1.1.2"), row("../../etc"))
    assert peer.client().ultrasound(peer.address) == [INSTANCE]
    assert len(peer.asked) == 2


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (saying(401), "401"),
        (saying(403), "403"),
        (saying(503), "503"),
        (saying(200, b"<html>"), "another form"),
        (saying(200, b'[{"00080018": {"Value": [7]}}]'), "another form"),
        (saying(200, b'[{"00080018": {}}]'), "another form"),
        (saying(200, b"[[]]"), "another form"),
        (lambda handler: handler.connection.close(), "no connection"),
    ],
)
def test_a_listing_that_is_none_is_one_error_that_names_the_server(peer: Peer, answer: Answer, found: str) -> None:
    peer.answer = answer
    assert found in refused(peer, lambda client: client.ultrasound(peer.address), EnvironmentFailure)


def test_nobody_is_redirected_to(peer: Peer, tmp_path: Path) -> None:
    other = Peer()
    peer.answer = saying(302, Location=f"http://127.0.0.1:{other.server.server_port}/")
    refused(peer, lambda client: client.ultrasound(peer.address), EnvironmentFailure)
    refused(peer, lambda client: client.fetch(INSTANCE, tmp_path / "a"), EnvironmentFailure)
    assert other.asked == []
    other.server.shutdown()
    other.server.server_close()


def test_an_answer_without_an_end_is_cut(peer: Peer) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/dicom+json")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * (1 << 20))
        except OSError:
            pass

    peer.answer = endless
    client = peer.client()
    client._session._answer_bytes = 4 << 20
    with pytest.raises(InputTooLarge):
        client.ultrasound(peer.address)


def test_an_answer_that_drips_is_given_up(peer: Peer) -> None:
    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b"1\r\n \r\n")
                time.sleep(0.05)
        except OSError:
            pass

    peer.answer = dripping
    client = peer.client()
    client._session._answer_seconds = 0.5
    with pytest.raises(EnvironmentFailure, match=r"0\.5 seconds"):
        client.ultrasound(peer.address)


def test_an_instance_larger_than_a_file_may_be_is_refused(peer: Peer, tmp_path: Path) -> None:
    peer.answer = saying(200, b"x" * 5000, "application/dicom")
    with pytest.raises(InputTooLarge):
        peer.client(Limits(file_bytes=1000)).fetch(INSTANCE, tmp_path / "a")


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_instance_that_is_not_given_is_an_error_of_that_instance(peer: Peer, tmp_path: Path, status: int) -> None:
    peer.answer = saying(status)
    said = refused(peer, lambda client: client.fetch(INSTANCE, tmp_path / "a"), DicomError)
    assert f"{INSTANCE.instance}: status {status}" in said


def test_a_result_that_is_not_stored_is_an_error(peer: Peer) -> None:
    import pydicom

    result = pydicom.dcmread(Path(__file__).parents[3] / "examples/dicom/fir-still.dcm")
    peer.answer = saying(409)
    assert "1 of 1" in refused(peer, lambda client: client.store("1.2", [result]), DicomError)
    failed = {"00081198": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.4"]}}]}}
    peer.answer = saying(202, json.dumps(failed).encode())
    assert "1 of 1" in refused(peer, lambda client: client.store("1.2", [result]), DicomError)


def test_a_server_that_is_not_there_is_named() -> None:
    running = Peer()
    running.server.shutdown()
    running.server.server_close()
    with pytest.raises(EnvironmentFailure, match=running.address.peer):
        running.client().ultrasound(running.address)
