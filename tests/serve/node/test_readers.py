"""What is recorded of an instance that its reader did not read: refused by the machine, or the reader's end."""

from __future__ import annotations

from pathlib import Path

import pytest

from nonet.errors import EnvironmentFailure
from nonet.serve.node.config import Config, Destination, Limits
from nonet.serve.node.jobs import Job
from nonet.serve.node.queue import Queue
from nonet.serve.node.read_worker import Refused, Setup
from nonet.serve.node.readers import Readers, _Ended
from nonet.serve.node.spool import Spool
from nonet.serve.node.summary import summarise

NO_DECODER = EnvironmentFailure("A rule", found="no decoder", remedy="A remedy")


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    queue = Queue(Spool(tmp_path / "spool"), storage_bytes=1 << 20)
    received = queue.spool.incoming / "received"
    received.write_bytes(b"an image")
    queue.put(received, sop_instance_uid="1.2.3", sop_class_uid="1.2", origin="TEST")
    return queue


@pytest.fixture
def readers(queue: Queue, tmp_path: Path) -> Readers:
    """Readers that are not started."""
    destinations = (Destination("PACS", "127.0.0.1", 1),)
    limits = Limits(read_refusals=3, read_attempts=2)
    config = Config("NONET", 0, ("MODALITY",), queue.spool.folder, destinations, limits=limits)
    return Readers(config, Setup(tmp_path, ("sr",), queue.spool.folder), queue, lambda: None)


def claimed(queue: Queue) -> Job:
    job = queue.claim()
    assert job is not None
    return job


def test_an_instance_that_the_machine_never_reads_is_a_failure_in_the_end(queue: Queue, readers: Readers) -> None:
    for _ in range(2):
        readers._record(_Ended(claimed(queue), Refused(NO_DECODER, reading=True), 0.1))
        assert readers.paused
        assert summarise(queue).instances["waiting"] == 1
    readers._record(_Ended(claimed(queue), Refused(NO_DECODER, reading=True), 0.1))
    (failure,) = summarise(queue).failures
    assert failure["found"] == "no decoder"


def test_an_instance_waits_for_room_as_long_as_it_takes(queue: Queue, readers: Readers) -> None:
    for _ in range(10):
        readers._record(_Ended(claimed(queue), Refused(NO_DECODER), 0.1))
    assert claimed(queue).attempts == 1


def test_results_that_a_reader_left_when_it_ended_are_removed(queue: Queue, readers: Readers) -> None:
    job = claimed(queue)
    left, other = queue.spool.new_result(job.number), queue.spool.new_result(job.number + 10)
    for path in (left, left.with_name(f"{left.name}.0123.part"), other):
        path.write_bytes(b"a result")
    readers._record(_Ended(job, None, 0.1))
    assert list(queue.spool.results.iterdir()) == [other]
    assert claimed(queue).attempts == 2
