"""The queue by itself: what each receipt means, what a start after a crash finds, and when files go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from errors_raised import raised
from nonet.errors import EnvironmentFailure, NonetError, SettingsError
from nonet.serve.node.config import Keep
from nonet.serve.node.database import Database
from nonet.serve.node.deliveries import Deliveries
from nonet.serve.node.jobs import Job, Receipt, ResultFile
from nonet.serve.node.queue import FILE, Queue
from nonet.serve.node.spool import Spool
from nonet.serve.node.summary import summarise

ERROR = NonetError("A rule", found="a fault", remedy="A remedy")
MEBI = 1 << 20


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_queue(tmp_path: Path, clock: Clock) -> Callable[..., Queue]:
    def make(keep: Keep = Keep.NOTHING, storage_bytes: int = MEBI, free_bytes: int = 0) -> Queue:
        return Queue(Spool(tmp_path / "spool"), keep, storage_bytes=storage_bytes, free_bytes=free_bytes, now=clock)

    return make


def put(queue: Queue, uid: str = "1.2.3", content: bytes = b"one") -> Receipt:
    received = queue.spool.incoming / "received"
    received.write_bytes(content)
    receipt, _ = queue.put(received, sop_instance_uid=uid, sop_class_uid="1.2", origin="TEST")
    assert not received.exists()
    return receipt


def claimed(queue: Queue) -> Job:
    job = queue.claim()
    assert job is not None
    return job


def result(queue: Queue, uid: str) -> ResultFile:
    path = queue.spool.new_result(1)
    path.write_bytes(b"result")
    return ResultFile(path.name, uid, "1.2", 6)


def held(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.iterdir())


def test_a_received_file_waits_and_is_claimed_in_order(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    assert [put(queue, uid) for uid in ("1.1", "1.2")] == [Receipt.NEW] * 2
    assert [claimed(queue).sop_instance_uid for _ in range(2)] == ["1.1", "1.2"]
    assert queue.claim() is None


def test_an_instance_that_is_put_back_is_read_after_the_others(make_queue: Callable[..., Queue], clock: Clock) -> None:
    queue = make_queue()
    for uid in ("1.1", "1.2", "1.3"):
        clock.seconds += 1
        put(queue, uid)
    clock.seconds += 1
    refused = claimed(queue)
    queue.release(refused, counted=False, refused=True)
    assert [claimed(queue).sop_instance_uid for _ in range(2)] == ["1.2", "1.3"]
    again = claimed(queue)
    assert (again.sop_instance_uid, again.attempts, again.refusals) == ("1.1", 1, 1)


def test_an_instance_that_comes_again_before_its_failure_is_tidied(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    put(queue)
    failed = claimed(queue)
    queue.fail(failed, ERROR)
    assert put(queue) is Receipt.AGAIN
    queue.tidy(failed.number)
    assert held(queue.spool.instances) == [b"one"]


def test_a_read_that_is_not_counted_is_no_attempt_after_a_crash(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    put(queue)
    for _ in range(3):
        queue.uncount(claimed(queue))
        assert queue.recover(ERROR, 1) == 1
    assert summarise(queue).instances["waiting"] == 1


def test_results_for_a_destination_that_is_none_any_more_are_given_up(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    deliveries = Deliveries(queue)
    put(queue)
    queue.send(claimed(queue), [result(queue, "1.5")], ["A", "B"])
    deliveries.delivered(deliveries.due("A", 10)[0])
    assert [one.destination for one in deliveries.give_up_removed({"A"})] == ["B"]
    (failure,) = summarise(queue).failures
    assert failure["found"] == "B: taken out of the configuration"


def test_the_same_bytes_are_a_duplicate_and_other_bytes_another_version(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    assert [put(queue), put(queue), put(queue, content=b"two")] == [
        Receipt.NEW, Receipt.DUPLICATE, Receipt.OTHER_VERSION,
    ]  # fmt: skip
    assert held(queue.spool.instances) == [b"one"]
    assert summarise(queue).instances["other_versions"] == 1


def test_what_failed_is_read_again_when_it_is_sent_again(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue(Keep.FAILED)
    put(queue)
    queue.fail(claimed(queue), ERROR)
    assert summarise(queue).failures[0]["found"] == "a fault"
    assert put(queue, content=b"two") is Receipt.AGAIN
    assert held(queue.spool.instances) == [b"two"]
    assert claimed(queue).attempts == 1
    assert summarise(queue).instances["failed"] == 0


def test_a_full_spool_takes_nothing(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue(storage_bytes=5)
    put(queue, "1.1")
    with raised(EnvironmentFailure, found="3 of 5 bytes"):
        put_uncounted(queue)
    assert held(queue.spool.instances) == [b"one"]


def test_a_full_disk_takes_nothing(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue(free_bytes=1 << 60)
    with raised(EnvironmentFailure, found="free on its disk"):
        put_uncounted(queue)


def put_uncounted(queue: Queue) -> None:
    received = queue.spool.incoming / "received"
    received.write_bytes(b"two")
    queue.put(received, sop_instance_uid="1.9", sop_class_uid="1.2", origin="TEST")


def test_an_instance_is_done_when_each_destination_has_each_result(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    deliveries = Deliveries(queue)
    put(queue)
    queue.send(claimed(queue), [result(queue, "1.5"), result(queue, "1.6")], ["A", "B"])
    due = [*deliveries.due("A", 10), *deliveries.due("B", 10)]
    assert len(due) == 4
    for one in due:
        assert summarise(queue).instances["done"] == 0
        deliveries.delivered(one)
    assert summarise(queue).instances["done"] == 1
    assert held(queue.spool.instances) == held(queue.spool.results) == []


def test_a_result_that_is_given_up_makes_its_instance_a_failure(make_queue: Callable[..., Queue], clock: Clock) -> None:
    queue = make_queue()
    deliveries = Deliveries(queue)
    put(queue)
    queue.send(claimed(queue), [result(queue, "1.5")], ["A", "B"])
    deliveries.delivered(deliveries.due("A", 10)[0])
    deliveries.put_off(deliveries.due("B", 10)[0], 60, "status A700")
    assert deliveries.due("B", 10) == []
    clock.seconds += 61
    assert len(deliveries.due("B", 10)) == 1
    assert deliveries.give_up_old(100) == []
    clock.seconds += 100
    assert len(deliveries.give_up_old(100)) == 1
    (failure,) = summarise(queue).failures
    assert failure["found"] == "B: status A700"
    assert held(queue.spool.results) == []


def test_after_a_crash_what_was_being_read_waits_again_and_leftovers_go(make_queue: Callable[..., Queue]) -> None:
    queue = make_queue()
    put(queue)
    claimed(queue)
    for part in (queue.spool.incoming, queue.spool.instances, queue.spool.results):
        (part / "leftover").write_bytes(b"x")
    queue.close()
    again = make_queue()
    assert again.recover(ERROR, 2) == 1
    assert held(again.spool.incoming) == held(again.spool.results) == []
    assert held(again.spool.instances) == [b"one"]
    assert claimed(again).attempts == 2
    assert again.recover(ERROR, 2) == 1
    assert summarise(again).instances["failed"] == 1
    assert held(again.spool.instances) == []


@pytest.mark.parametrize(("keep", "left"), [(Keep.NOTHING, 0), (Keep.FAILED, 1), (Keep.ALL, 3)])
def test_kept_files_are_those_that_were_asked_for_until_they_are_forgotten(
    make_queue: Callable[..., Queue], clock: Clock, keep: Keep, left: int
) -> None:
    queue = make_queue(keep)
    for uid in ("1.1", "1.2", "1.3"):
        put(queue, uid)
    queue.fail(claimed(queue), ERROR)
    queue.skip(claimed(queue), ERROR)
    queue.send(claimed(queue), [result(queue, "1.5")], ["A"])
    Deliveries(queue).delivered(Deliveries(queue).due("A", 1)[0])
    assert len(held(queue.spool.instances)) == left
    queue.forget(10)
    assert sum(summarise(queue).instances.values()) == 3
    clock.seconds += 11
    queue.forget(10)
    assert sum(summarise(queue).instances.values()) == 0
    assert held(queue.spool.instances) == []


def test_one_node_at_a_time_holds_a_spool(tmp_path: Path) -> None:
    lock = Spool(tmp_path / "spool").hold()
    with raised(EnvironmentFailure, found="another node"):
        Spool(tmp_path / "spool").hold()
    lock.release()


def test_a_file_that_is_no_queue_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with raised(SettingsError, found=FILE):
        Database(tmp_path / FILE)
