"""A file is replaced whole or stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from nonet.files import replacing, replacing_bytes


def test_text_takes_the_place_of_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write("naïve\n")
        assert path.read_text() == "old"
    assert path.read_bytes() == "naïve\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_take_their_place_likewise(tmp_path: Path) -> None:
    with replacing_bytes(tmp_path / "a.bin") as file:
        file.write(b"\x00\xff")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff"


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_an_interruption_leaves_the_older_file_and_nothing_else(tmp_path: Path, problem: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(problem), replacing(path) as file:
        file.write("half")
        raise problem
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
