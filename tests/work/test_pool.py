"""Items are done in order by any number of workers, and an interrupt stops them at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from work_items import KILLING, fail, kill_or_square, lost, square, tools

from nonet.errors import EnvironmentFailure
from nonet.work import run_items


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    items = range(1_000, 1_005)  # each time it is gone through, other objects
    found = list(run_items(square, items, tools, workers=workers))
    assert [(opened, square) for opened, square, _ in found] == [("opened", n * n) for n in items]
    assert (os.getpid() in {pid for _, _, pid in found}) is (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_items_open_nothing(workers: int) -> None:
    assert list(run_items(square, [], fail, workers=workers)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_reaches_the_caller(workers: int) -> None:
    with pytest.raises(ValueError, match="opened 0"):
        list(run_items(fail, [0, 1], tools, workers=workers))


def test_a_pool_that_is_stopped_leaves_no_thread_to_wake() -> None:
    before = set(threading.enumerate())
    going = run_items(square, range(200), tools, workers=2)
    next(going)
    going.close()
    assert set(threading.enumerate()) <= before


def test_results_may_come_as_they_are_done() -> None:
    found = list(run_items(square, range(6), tools, workers=2, in_order=False))
    assert sorted(number for _, number, _ in found) == [n * n for n in range(6)]


@pytest.mark.slow
@pytest.mark.parametrize("in_order", [True, False])
def test_an_item_that_kills_its_worker_is_lost_and_no_other(in_order: bool) -> None:
    found = list(run_items(kill_or_square, range(12), tools, workers=2, in_order=in_order, lost=lost))
    expected = [("lost", n) if n == KILLING else ("opened", n * n) for n in range(12)]
    assert (found if in_order else sorted(found)) == (expected if in_order else sorted(expected))


def test_a_killed_worker_is_an_error_where_nothing_may_be_lost() -> None:
    with pytest.raises(EnvironmentFailure, match="killed"):
        list(run_items(kill_or_square, [KILLING, 1], tools, workers=2))


def test_progress_sees_every_item() -> None:
    seen: list[int] = []

    def watch(items: object) -> object:
        for item in items:  # type: ignore[attr-defined]
            seen.append(item)
            yield item

    list(run_items(square, [3, 1], tools, workers=2, watch=watch))  # type: ignore[arg-type]
    assert seen == [3, 1]


SCRIPT = """
import sys, time
from nonet.work import run_items
def opener():
    print("ready", flush=True)
def sleep(tools, item):
    time.sleep(60)
if __name__ == "__main__":
    list(run_items(sleep, [1, 2], opener, workers=2))
"""


def test_an_interrupt_stops_the_workers_at_once(tmp_path: object) -> None:
    script = f"{tmp_path}/long.py"
    with open(script, "w") as file:  # noqa: PTH123
        file.write(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # it is ignored in a job in the background
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    process.wait(timeout=30)
    assert time.monotonic() - begun < 10
