"""Nothing lost, nothing twice: the program is killed at every stage; each instance ends as one result or failure."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from node_process import CINE, Node, Pacs, instance, kill, wait_until
from pydicom import Dataset

pytestmark = pytest.mark.slow
MakeNode = Callable[..., Node]


def assert_each_once(pacs: Pacs, sent: list[Dataset]) -> None:
    """One report for each instance, and every object that came more than once came as the same bytes."""
    assert sorted(pacs.read_instances()) == sorted(str(one.SOPInstanceUID) for one in sent)
    assert len(pacs.objects) == 2 * len(sent)
    assert all(len(versions) == 1 for versions in pacs.objects.values())


def test_killed_at_each_stage_in_turn(pacs: Pacs, make_node: MakeNode) -> None:
    node, sent = make_node(pacs).start(), [instance(CINE), instance()]
    assert [node.send(one) for one in sent] == [[0], [0]]
    node.kill()
    assert pacs.received == []
    assert node.instances().get("done") is None

    node.start()
    wait_until(lambda: node.instances() == {"reading": 1, "waiting": 1}, "reading")
    (reader,) = node.reader_pids()
    node.kill()
    wait_until(lambda: not is_alive(reader), "the reader ends with its node", 10)
    assert pacs.received == []

    pacs.held = threading.Event()
    node.start()
    wait_until(lambda: pacs.received, "a result on its way")
    node.kill()
    pacs.held.set()

    node.start()
    node.wait_for(done=2)
    assert_each_once(pacs, sent)
    assert len(pacs.received) == 5
    node.wait_for_no_files()
    assert node.stop() == 0


def test_killed_at_any_moment(pacs: Pacs, make_node: MakeNode) -> None:
    node, sent, draw = make_node(pacs).start(), [instance() for _ in range(2)], random.Random(20)
    for one in sent:
        assert node.send(one) == [0]
        time.sleep(draw.uniform(0, 2.5))
        node.kill()
        node.start()
    node.wait_for(done=2)
    assert_each_once(pacs, sent)


def test_told_to_stop_while_reading_it_finishes_what_is_in_hand(pacs: Pacs, make_node: MakeNode) -> None:
    node = make_node(pacs).start()
    cine, still = instance(CINE), instance()
    assert node.send(cine) == node.send(still) == [0]
    wait_until(lambda: node.instances() == {"reading": 1, "waiting": 1}, "reading")
    assert node.stop() == 0
    assert node.instances() in ({"sending": 1, "waiting": 1}, {"done": 1, "waiting": 1})
    node.start()
    node.wait_for(done=2)
    assert_each_once(pacs, [cine, still])


def test_an_instance_that_kills_its_reader_each_time_is_a_failure(pacs: Pacs, make_node: MakeNode) -> None:
    node = make_node(pacs, limits="read_attempts = 2").start()
    harmful, good = instance(CINE), instance()
    assert node.send(harmful) == [0]
    for attempt in (1, 2):
        wait_until(lambda: node.instances() == {"reading": 1}, "reading")
        (reader,) = node.reader_pids()
        kill(reader)
        if attempt == 1:
            wait_until(lambda reader=reader: node.reader_pids() not in ([], [reader]), "another reader")
    node.wait_for(failed=1)
    assert node.send(good) == [0]
    node.wait_for(failed=1, done=1)
    (failure,) = node.failures()
    assert failure["sop_instance_uid"] == harmful.SOPInstanceUID
    assert "2 attempts" in failure["found"]
    assert_each_once(pacs, [good])
    assert node.send(harmful) == [0]
    node.wait_for(done=2)
    assert_each_once(pacs, [good, harmful])
    assert_stops_beside_a_peer_that_does_not_let_go(node)


def assert_stops_beside_a_peer_that_does_not_let_go(node: Node) -> None:
    held = node.associate()
    begun = time.monotonic()
    assert node.stop() == 0
    assert time.monotonic() - begun < 30
    held.abort()


def is_alive(pid: int) -> bool:
    from pathlib import Path

    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
