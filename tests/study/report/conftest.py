"""Run folders of two studies and the pages made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from study_run_folders import FRAMES, FRAMES_PLAN, GRADES, STRUCTURES_PLAN, make_run

from nonet.study.report import write_report


class Made(NamedTuple):
    """A run folder with its report."""

    folder: Path
    figures: dict[str, Any]
    page: str


@pytest.fixture(scope="session")
def of_frames(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("frames")
    return _made(folder, make_run(folder, FRAMES_PLAN, FRAMES))


@pytest.fixture(scope="session")
def of_structures(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("structures")
    return _made(folder, make_run(folder, STRUCTURES_PLAN, GRADES, frames=150))


@pytest.fixture(params=["of_frames", "of_structures"])
def made(request: pytest.FixtureRequest) -> Made:
    return request.getfixturevalue(request.param)


def _made(folder: Path, figures: dict[str, Any]) -> Made:
    write_report(folder)
    return Made(folder, figures, (folder / "report.html").read_text(encoding="utf-8"))
