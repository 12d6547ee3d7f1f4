"""A DICOMweb server that answers wrongly: each answer is one error that names the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pydicom
import pytest

from nonet.errors import DicomError, EnvironmentFailure, InputTooLarge, NonetError
from nonet.frames import Limits

pytest.importorskip("dicomweb_client")

from chosen_peer import INSTANCE, Answer, Peer, listing, row, saying

from nonet.serve.dicomweb.peer import DicomWebPeer, RemoteInstance

STILL = Path(__file__).parents[3] / "examples/dicom/fir-still.dcm"


@pytest.fixture
def peer() -> Iterator[Peer]:
    running = Peer()
    yield running
    running.stop()


def refused(peer: Peer, call: Callable[[DicomWebPeer], object], kind: type[NonetError]) -> str:
    with pytest.raises(kind) as problem:
        call(peer.client())
    assert "SECRET" not in str(problem.value)
    return str(problem.value)


def test_a_server_that_ignores_the_offset_ends_the_listing(peer: Peer) -> None:
    peer.answer = listing(
        row("1.4"),
        row("1.5", sop_class="1.2.840.10008.5.1.4.1.1.2"),
        row("../../etc"),
        row(".."),
        row("1.9", series=".."),
    )
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
    other.stop()


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


def drip(handler: BaseHTTPRequestHandler, *parts: bytes) -> None:
    """Send what begins an answer, then a byte at a time for longer than a test waits."""
    try:
        for part in (*parts, *[b"1\r\n \r\n" if b"chunked" in b"".join(parts) else b" "] * 200):
            handler.wfile.write(part)
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\nContent-Length: 100000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\nX-Header:",
    ],
    ids=["chunks", "a length", "no length", "a header"],
)
def test_an_answer_that_drips_is_given_up_in_its_time(peer: Peer, tmp_path: Path, begun: bytes) -> None:
    peer.answer = lambda handler: drip(handler, begun)
    calls: list[Callable[[DicomWebPeer], object]] = [
        lambda client: client.ultrasound(peer.address),
        lambda client: client.fetch(INSTANCE, tmp_path / "a"),
    ]
    for call in calls:
        client, started = peer.client(), time.monotonic()
        client._session._answer_seconds = 0.3
        with pytest.raises(EnvironmentFailure, match=r"0\.3 seconds"):
            call(client)
        assert time.monotonic() - started < 2


def test_a_peer_that_answers_in_time_is_heard_again_and_again(peer: Peer) -> None:
    peer.answer = listing(row("1.4"))
    client = peer.client()
    client._session._answer_seconds = 0.4
    for _ in range(3):
        assert client.ultrasound(peer.address) == [INSTANCE]
        time.sleep(0.2)


def test_the_body_of_an_answer_that_redirects_is_not_read(peer: Peer) -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(302)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()
        try:
            while sent < 256 << 20:
                sent += handler.wfile.write(b" " * (1 << 20))
        except OSError:
            pass

    peer.answer = endless
    assert "redirects" in refused(peer, lambda client: client.ultrasound(peer.address), EnvironmentFailure)
    assert sent < 64 << 20


def test_an_instance_that_was_not_asked_for_is_an_error_of_that_instance(peer: Peer, tmp_path: Path) -> None:
    peer.answer = saying(200, STILL.read_bytes(), "application/dicom")
    own = pydicom.dcmread(STILL, stop_before_pixels=True)
    asked = RemoteInstance(own.StudyInstanceUID, own.SeriesInstanceUID, own.SOPInstanceUID)
    peer.client().fetch(asked, tmp_path / "same")
    assert (tmp_path / "same").read_bytes() == STILL.read_bytes()
    for number, other in enumerate(replace(asked, **{part: "1.2.3"}) for part in ("study", "series", "instance")):
        target = tmp_path / str(number)
        said = refused(peer, lambda client, o=other, t=target: client.fetch(o, t), DicomError)  # type: ignore[misc]
        assert f"{other.instance}: another" in said


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
    result = pydicom.dcmread(STILL)
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
