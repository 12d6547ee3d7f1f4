"""A courier before a PACS that aborts, lacks a class, has the object already, or gets a damaged file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_process import Pacs
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from nonet.serve.node.config import Config, Destination, Limits, Retry, Tls
from nonet.serve.node.deliver import Courier
from nonet.serve.node.deliveries import Deliveries
from nonet.serve.node.jobs import ResultFile
from nonet.serve.node.queue import Queue
from nonet.serve.node.sop_classes import VERIFICATION
from nonet.serve.node.spool import Spool
from nonet.serve.node.summary import summarise

SR, COLOR = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.11.2"
PATIENCE_S = 20.0
"""A result is tried again after a while (at most 50 ms here), so what counts is time, not how often one asks."""


class Desk:
    """A courier, what it has to deliver, and what became of it."""

    def __init__(self, folder: Path, pacs: Pacs, *, tls: Tls | None = None) -> None:
        self.queue = Queue(Spool(folder), storage_bytes=1 << 20)
        destination = Destination("PACS", "127.0.0.1", pacs.port, tls=tls is not None)
        config = Config(
            "NONET", 0, ("MODALITY",), folder, (destination,), tls=tls, limits=Limits(network_seconds=5),
            retry=Retry(first_seconds=0.01, longest_seconds=0.05, rejections=2),
        )  # fmt: skip
        self.courier = Courier(config, destination, Deliveries(self.queue), self.queue.spool)

    def add(self, uid: str, sop_class: str = SR, content: bytes | None = None) -> None:
        """One more instance, with one result of that UID."""
        spool = self.queue.spool
        received = spool.incoming / "received"
        received.write_bytes(b"an image")
        self.queue.put(received, sop_instance_uid=f"{uid}.1", sop_class_uid="1.2", origin="TEST")
        job = self.queue.claim()
        assert job is not None
        path = spool.results / f"{uid}.dcm"
        if content is None:
            save(path, uid, sop_class)
        else:
            path.write_bytes(content)
        self.queue.send(job, [ResultFile(path.name, uid, sop_class, 1)], ["PACS"])

    def deliver(self, until: Callable[[], bool]) -> None:
        """Let the courier send what is due, over and over."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.courier._send_due()
            if until():
                return
            time.sleep(0.01)
        pytest.fail(f"not within {PATIENCE_S:g} s: {self.instances}")

    @property
    def instances(self) -> dict[str, int]:
        return summarise(self.queue).instances

    @property
    def reason(self) -> str:
        """Why the one instance that failed did."""
        (failure,) = summarise(self.queue).failures
        return str(failure["found"])


def save(path: Path, uid: str, sop_class: str) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPInstanceUID, dataset.SOPClassUID, dataset.PatientID = uid, sop_class, "1"
    dataset.save_as(path, enforce_file_format=True)


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    started: list[Pacs] = []

    def make(pacs: Pacs, **named: Tls) -> Desk:
        started.append(pacs.start())
        return Desk(tmp_path / "spool", pacs, **named)

    yield make
    for pacs in started:
        pacs.stop()


def test_a_result_on_which_the_pacs_aborts_holds_up_no_other(make_desk: Callable[..., Desk]) -> None:
    pacs = Pacs(aborts_on="1.5")
    desk = make_desk(pacs)
    for uid in ("1.5", "1.6", "1.7"):
        desk.add(uid)
    desk.deliver(lambda: desk.instances["done"] == 2)
    assert [uid for uid, _, _ in pacs.received] == ["1.6", "1.7"]
    assert desk.instances["sending"] == 1
    pacs.aborts_on = ""
    desk.deliver(lambda: desk.instances["done"] == 3)


def test_a_class_that_the_pacs_does_not_take_is_a_failure_of_that_result_alone(make_desk: Callable[..., Desk]) -> None:
    pacs = Pacs(classes=(VERIFICATION, SR))
    desk = make_desk(pacs)
    desk.add("1.5", COLOR)
    desk.deliver(lambda: desk.instances["failed"] == 1)
    assert "no presentation context" in desk.reason
    desk.add("1.6")
    desk.deliver(lambda: desk.instances["done"] == 1)


def test_an_object_that_the_pacs_has_already_is_delivered(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(Pacs(status=0x0111))
    desk.add("1.5")
    desk.deliver(lambda: desk.instances["done"] == 1)


@pytest.mark.filterwarnings("ignore:End of file")
@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(128) + b"DICM" + b"\xff" * 40])
def test_a_damaged_file_in_the_spool_is_given_up(make_desk: Callable[..., Desk], content: bytes) -> None:
    desk = make_desk(Pacs())
    desk.add("1.5", content=content)
    desk.add("1.6")
    desk.deliver(lambda: desk.instances["done"] == desk.instances["failed"] == 1)
    assert "PACS: its file in the spool cannot be sent: " in desk.reason


def test_a_certificate_that_is_just_being_replaced_is_tried_again(
    make_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pem"
    desk = make_desk(Pacs(), tls=Tls(missing, missing, missing))
    desk.add("1.5")
    assert desk.courier._send_due() > 0
    assert "certificate" in summarise(desk.queue).peers["PACS"]["reason"]
    assert desk.instances["sending"] == 1
