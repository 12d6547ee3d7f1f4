"""The parts of a node in this process: what a reader answers to each kind of file, and a node put together."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from node_process import CINE, STILL, Node, Pacs, instance, wait_until
from pydicom import Dataset, dcmread

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.errors import DicomError, FrameError
from nonet.reader import Reader
from nonet.serve.node import node as node_module
from nonet.serve.node import read_worker
from nonet.serve.node import readers as readers_module
from nonet.serve.node.config import load_config
from nonet.serve.node.read_worker import Refused, Skipped, Task, Unread, read_instance
from nonet.serve.node.spool import Spool

pytestmark = pytest.mark.slow
KINDS = ("sr", "gsps")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Bundle(DEFAULT_BUNDLE))


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def task(path: Path, **changed: str) -> Task:
    dataset = dcmread(path, stop_before_pixels=True)
    said = {"sop_instance_uid": str(dataset.SOPInstanceUID), "sop_class_uid": str(dataset.SOPClassUID), **changed}
    return Task(1, path, **said)


def test_an_image_becomes_its_results_on_disk_and_these_are_not_read(reader: Reader, spool: Spool) -> None:
    results = read_instance(reader, spool, KINDS, task(STILL))
    assert isinstance(results, tuple)
    written = [dcmread(spool.results / one.file) for one in results]
    assert [one.Modality for one in written] == ["SR", "PR"]
    assert [one.SOPInstanceUID for one in written] == [one.sop_instance_uid for one in results]
    for one in results:
        again = read_instance(reader, spool, KINDS, task(spool.results / one.file))
        assert isinstance(again, Skipped)
        assert "Nonet made" in again.reason.found


def test_an_object_of_a_results_class_that_somebody_else_made_is_skipped(reader: Reader, spool: Spool) -> None:
    capture = "1.2.840.10008.5.1.4.1.1.7"
    answer = read_instance(reader, spool, KINDS, task(STILL, sop_class_uid=capture))
    assert isinstance(answer, Skipped)
    assert "did not make" in answer.reason.found


def test_a_data_set_that_is_not_what_it_was_sent_as_is_a_failure(reader: Reader, spool: Spool) -> None:
    answer = read_instance(reader, spool, KINDS, task(STILL, sop_instance_uid="1.2.3"))
    assert isinstance(answer, Unread)
    assert isinstance(answer.error, DicomError)
    assert list(spool.results.iterdir()) == []


def test_a_damaged_or_missing_file_is_a_failure(reader: Reader, spool: Spool, tmp_path: Path) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(STILL.read_bytes()[:5000])
    for path in (cut, tmp_path / "missing.dcm"):
        answer = read_instance(reader, spool, KINDS, Task(1, path, "1.2.3", "1.2.840.10008.5.1.4.1.1.6.1"))
        assert isinstance(answer, Unread)
        assert isinstance(answer.error, FrameError)


def test_a_machine_that_refuses_to_write_lets_the_instance_wait(reader: Reader, spool: Spool) -> None:
    spool.results.rmdir()
    answer = read_instance(reader, spool, KINDS, task(STILL))
    assert isinstance(answer, Refused)


def test_results_are_all_written_or_none(spool: Spool) -> None:
    whole, without_meta = dcmread(STILL), Dataset()
    with pytest.raises(ValueError, match="encoding"):
        read_worker._written(spool, [whole, without_meta], 1)
    assert list(spool.results.iterdir()) == []


def test_a_fault_of_the_program_is_a_failure_without_its_words(
    spool: Spool, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise KeyError("Lindqvist^Maria")

    monkeypatch.setattr(read_worker, "_results", faulty)
    answer = read_instance(reader, spool, KINDS, task(STILL))
    assert isinstance(answer, Unread)
    assert "KeyError" in answer.error.found
    assert "Lindqvist" not in str(answer.error)


@pytest.fixture
def running(tmp_path: Path, pacs: Pacs) -> Iterator[tuple[Node, node_module.Node]]:
    """A node in this process, and how the tests talk to it."""
    outside = Node(tmp_path / "node", pacs.port)
    inside = node_module.Node(load_config(outside.config))
    inside.start()
    outside.port = inside._receiver._server.server_address[1]
    outside.health = inside._health.port
    ended = threading.Event()
    thread = threading.Thread(target=inside.run, args=(ended,))
    thread.start()
    yield outside, inside
    ended.set()
    thread.join()
    inside.stop()


def test_a_read_that_a_stop_interrupts_is_no_attempt(
    running: tuple[Node, node_module.Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, inside = running
    monkeypatch.setattr(readers_module, "STOP_SECONDS", 0.0)
    assert outside.send(instance(CINE)) == [0]
    wait_until(lambda: outside.instances() == {"reading": 1}, "reading")
    inside._readers.stop()
    job = inside._queue.claim()
    assert job is not None
    assert job.attempts == 1


def test_a_node_put_together(running: tuple[Node, node_module.Node], pacs: Pacs) -> None:
    outside, inside = running
    bad, good = instance(), instance()
    bad.PixelData = bad.PixelData[:1000]
    assert outside.send(bad, good, good) == [0, 0, 0]
    wait_until(lambda: inside.report()["instances"]["done"] == 1, "done")
    assert pacs.read_instances() == [good.SOPInstanceUID]
    with urllib.request.urlopen(f"http://127.0.0.1:{outside.health}/health") as answer:
        report = json.load(answer)
    assert report["ok"]
    assert report["instances"]["failed"] == 1
    inside.keep_house()
    assert inside.report()["instances"] == report["instances"]
