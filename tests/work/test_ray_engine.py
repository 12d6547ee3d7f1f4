"""The Ray engine keeps the promise of the local one, on a cluster of its own that is gone afterwards."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from work_items import KILLING, fail, kill_or_square, lost, square, tools

from nonet.errors import NonetError, SettingsError
from nonet.work import run_items
from nonet.work.ray_engine import RayEngine

needs_ray = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("ray") is None, reason="needs the extra: pip install 'nonet[ray]'"
)
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def workers_find_this_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("in_order", [True, False])
def test_an_item_that_kills_its_actors_is_lost_and_no_other(in_order: bool) -> None:
    found = list(run_items(kill_or_square, range(12), tools, engine=RayEngine(2), in_order=in_order, lost=lost))
    expected = [("lost", n) if n == KILLING else ("opened", n * n) for n in range(12)]
    assert (found if in_order else sorted(found)) == (expected if in_order else sorted(expected))


@needs_ray
@pytest.mark.slow
def test_actors_are_other_processes_and_progress_sees_every_item() -> None:
    seen: list[int] = []

    def watch(items: object) -> object:
        for item in items:  # type: ignore[attr-defined]
            seen.append(item)
            yield item

    found = list(run_items(square, range(6), tools, engine=RayEngine(2), watch=watch))  # type: ignore[arg-type]
    assert [number for _, number, _ in found] == [n * n for n in range(6)]
    assert os.getpid() not in {pid for _, _, pid in found}
    assert len({pid for _, _, pid in found}) <= 2
    assert seen == list(range(6))


@needs_ray
@pytest.mark.slow
def test_what_an_item_raises_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="opened"):
        list(run_items(fail, range(4), tools, engine=RayEngine(1)))


@pytest.mark.parametrize("address", ["here", "host:", "host:port", "host:70000", "ray://host:10001", ":6379"])
def test_what_is_no_address_is_refused_before_ray_is_imported(address: str) -> None:
    with pytest.raises(SettingsError, match="HOST:PORT"):
        list(run_items(square, [1], tools, engine=RayEngine(1, address)))


def test_an_address_where_nobody_answers_is_one_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        with pytest.raises(SettingsError, match="answers") as caught:
            list(run_items(square, [1], tools, engine=RayEngine(1, f"127.0.0.1:{taken.getsockname()[1]}")))
    assert "refused" in caught.value.found


def test_no_items_start_nothing() -> None:
    assert list(run_items(fail, [], tools, engine=RayEngine(1, "not an address"))) == []


def test_more_workers_than_slots_but_one_are_refused() -> None:
    with pytest.raises(NonetError, match="slots"):
        RayEngine(4)._actors(4)
    assert RayEngine()._actors(4) == 3


def test_what_was_lost_is_done_by_fewer_where_machines_are_gone() -> None:
    """The node that died took its slots with it: what it had lost must not be refused for want of them."""
    rest = RayEngine(3).for_what_was_lost()
    assert [rest._actors(slots) for slots in (2, 3, 4, 100)] == [1, 2, 3, 3]
