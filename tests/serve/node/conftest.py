"""A PACS and nodes that are gone when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_process import Node, Pacs, end

SHARED_LIMITS = "associations = 6\npdu_bytes = 65536\nobject_bytes = 1048576\nnetwork_seconds = 3"
"""Tight bounds, so that a test meets them soon; a still has 0.3 MiB."""


@pytest.fixture
def pacs() -> Iterator[Pacs]:
    one = Pacs().start()
    yield one
    if one.held is not None:
        one.held.set()
    one.stop()


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Makes nodes that are not started yet; what is left of them is killed at the end."""
    made: list[Node] = []

    def make(pacs: Pacs, **settings: object) -> Node:
        made.append(Node(tmp_path / f"node-{len(made)}", pacs.port, **settings))
        return made[-1]

    yield make
    for node in made:
        end(node)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Pacs]]:
    """A node and a PACS that the tests share which neither kill nor fill it."""
    pacs = Pacs().start()
    node = Node(tmp_path_factory.mktemp("shared"), pacs.port, limits=SHARED_LIMITS).start()
    yield node, pacs
    assert node.stop() == 0
    pacs.stop()
