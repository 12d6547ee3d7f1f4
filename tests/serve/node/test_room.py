"""A PACS that is away and a disk that is full: what was accepted waits and arrives, what has no room is refused."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_process import Node, Pacs, end, instance, wait_until

pytestmark = pytest.mark.slow
OUT_OF_RESOURCES = 0xA700
MAKE_ROOM = ["mount", "-t", "tmpfs", "-o", "size=6m"]


def test_results_wait_for_a_pacs_that_is_away_and_storage_stays_bounded(make_node: Callable[..., Node]) -> None:
    pacs = Pacs()
    node = make_node(pacs, keep="all", limits="storage_bytes = 1048576\nobject_bytes = 524288").start()
    sent = [instance() for _ in range(4)]
    assert node.send(*sent) == [0, 0, 0, OUT_OF_RESOURCES]
    node.wait_for(sending=3)
    wait_until(lambda: len(node.lines("unreachable")) > 2, "several tries")
    peer = node.status()["peers"]["PACS"]
    assert peer["seconds_since_success"] is None
    assert peer["reason"] == "not reached"
    node.kill()
    node.start()
    pacs.start()
    node.wait_for(done=3)
    pacs.stop()
    assert sorted(pacs.read_instances()) == sorted(one.SOPInstanceUID for one in sent[:3])
    assert len(pacs.received) == 6
    assert len(node.files("instances")) == 3
    wait_until(lambda: node.files("results") == [], "no results left", 20)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run([*MAKE_ROOM, "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("needs leave to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_refuses_more_and_loses_nothing(small_disk: Path) -> None:
    pacs = Pacs().start()
    node = Node(small_disk, pacs.port, limits="object_bytes = 1048576").start()
    try:
        filler = small_disk / "filler"
        filler.write_bytes(b"\0" * (4 << 20))
        sent = [instance() for _ in range(3)]
        refused = node.send(*sent)
        assert OUT_OF_RESOURCES in refused
        accepted = [one for one, status in zip(sent, refused, strict=True) if status == 0]
        filler.unlink()
        again = [one for one in sent if one not in accepted]
        assert node.send(*again) == [0] * len(again)
        node.wait_for(done=3)
        assert sorted(pacs.read_instances()) == sorted(one.SOPInstanceUID for one in sent)
        assert len(pacs.received) == 6

        before = node.instances()
        with filler.open("wb") as file, pytest.raises(OSError, match="space"):
            while file.write(b"\0" * 65536):
                file.flush()
        assert node.send(instance())[0] in (-1, OUT_OF_RESOURCES)
        assert node.instances() == before
        filler.unlink()
        assert node.send(instance()) == [0]
        node.wait_for(done=4)
        assert node.files("incoming") == []
    finally:
        end(node)
        pacs.stop()
