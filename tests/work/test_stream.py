"""Items that come one by one are done in order, and only a few are taken ahead."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from nonet.work import stream_items


def tools() -> str:
    return "opened"


def describe(opened: str, item: int) -> tuple[str, int, int]:
    return opened, item * item, os.getpid()


def fail(opened: str, item: int) -> int:
    raise ValueError(f"{opened} {item}")


@pytest.mark.parametrize("workers", [1, 2])
def test_items_come_back_in_order_with_their_results(workers: int) -> None:
    found = list(stream_items(describe, iter(range(1_000, 1_007)), tools, workers=workers))
    assert [(item, opened, square) for item, (opened, square, _) in found] == [
        (n, "opened", n * n) for n in range(1_000, 1_007)
    ]
    assert (os.getpid() in {pid for _, (_, _, pid) in found}) is (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_items_are_taken_only_as_they_are_needed(workers: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    results = stream_items(describe, items(), tools, workers=workers)
    next(results)
    assert len(taken) <= 2 * workers + 1
    results.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_reaches_the_caller(workers: int) -> None:
    with pytest.raises(ValueError, match="opened 0"):
        list(stream_items(fail, [0, 1], tools, workers=workers))


def test_no_items_have_no_results() -> None:
    assert list(stream_items(describe, [], tools, workers=2)) == []
