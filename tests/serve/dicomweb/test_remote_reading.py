"""What is read of a server and what is stored on it, where instances change or fail between runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("dicomweb_client")

from chosen_peer import Peer, listing, row, saying

from nonet.bundle import Bundle
from nonet.outputs.folder import OutputFolder
from nonet.outputs.registry import make_outputs
from nonet.reading import Settings
from nonet.serve.dicomweb.address import DicomWebAddress
from nonet.serve.dicomweb.remote_reading import RemoteReading

STILL = Path(__file__).parents[3] / "examples/dicom/fir-still.dcm"


@pytest.fixture
def peer() -> Iterator[Peer]:
    running = Peer()
    yield running
    running.stop()


def holding(peer: Peer, instance: bytes) -> tuple[DicomWebAddress, list[bytes]]:
    """Let a server hold one instance; its address, and the bodies that will have been stored."""
    own = pydicom.dcmread(STILL, stop_before_pixels=True)
    stored: list[bytes] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "POST":
            stored.append(handler.rfile.read(int(handler.headers["Content-Length"])))
            saying(200, b"{}")(handler)
        elif f"instances/{own.SOPInstanceUID}" in handler.path:
            saying(200, instance, "application/dicom")(handler)
        else:
            listing(row(own.SOPInstanceUID, own.SOPClassUID, own.SeriesInstanceUID))(handler)

    peer.answer = answer
    return DicomWebAddress.parse(f"dicomweb://{peer.address.peer}/studies/{own.StudyInstanceUID}"), stored


def read(peer: Peer, address: DicomWebAddress, out: Path, bundle: Bundle) -> OutputFolder:
    folder = OutputFolder(bundle, Settings(), [], out, make_outputs("sr", out))
    list(RemoteReading(peer.client(), address, folder, ("sr",)).read(iter, again=False, workers=lambda _: 1))
    folder.close()
    return folder


def damaged(instance: bytes) -> bytes:
    """The same instance with fewer pixels than it says."""
    dataset = pydicom.dcmread(io.BytesIO(instance))
    dataset.PixelData = dataset.PixelData[:1000]
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


@pytest.mark.slow
def test_an_older_report_is_not_stored_when_the_instance_cannot_be_read(peer: Peer, tmp_path: Path) -> None:
    bundle = Bundle()
    address, stored = holding(peer, STILL.read_bytes())
    assert read(peer, address, tmp_path / "out", bundle).failures == []
    assert len(stored) == 1
    address, stored = holding(peer, damaged(STILL.read_bytes()))
    assert len(read(peer, address, tmp_path / "out", bundle).failures) == 1
    assert list((tmp_path / "out").rglob("*.sr.dcm"))
    assert stored == []
