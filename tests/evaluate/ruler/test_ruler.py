"""``nonet evaluate ruler``: simulated screens whose pixel size is known stand in for a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from errors_raised import raised
from nonet.cli.main import app
from nonet.datasets import load
from nonet.datasets.data_set import ImageRow
from nonet.errors import DatasetError
from nonet.evaluate.ruler import KnownRuler, RulerRun, read_known, ruler_figures, run_ruler
from nonet.evaluate.ruler.known_rulers import NEEDED
from nonet.evaluate.ruler.run_ruler import TriedRuler
from nonet.simulate import TRAINING_DEVICES, simulate
from nonet.simulate.png_export import write_png

ELM = TRAINING_DEVICES[4]
"""Its ticks are long and short in turn, on black."""
SEEDS = (9_000_404, 9_000_401, 9_000_402, 9_000_403)


def table(folder: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    path = folder / "frames.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NEEDED)
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three that show a ruler, of which the table says one wrong; a blank; one that the table does not have."""
    folder = tmp_path_factory.mktemp("screens")
    rows = []
    for number in range(4):
        made = simulate(SEEDS[number], device=ELM)
        write_png(folder / f"{number}.png", made)
        told = made.mm_per_px * (1.1 if number == 2 else 1)
        rows.append((f"{number}.png", f"{told:.5f}", "ruler_x", ""))
    Image.fromarray(np.full((200, 300), 9, np.uint8)).save(folder / "blank.png")
    rows[3] = ("blank.png", "0.1", "ruler_x", "")
    table(folder, rows)
    return folder


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evaluate", "ruler", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.mark.slow
def test_what_is_read_and_what_is_wrong_is_counted(screens: Path) -> None:
    found = json.loads(run(screens, "--json"))
    assert (found["n"], found["n_read"], found["n_judged"], found["n_wrong"]) == (4, 3, 3, 1)
    assert found["read"]["value"] == 0.75 and found["wrong"]["value"] == pytest.approx(1 / 3, abs=1e-5)
    assert found["no_known_ruler"] == {"n": 1, "n_read": 1}
    assert found["median_relative_error"] < 0.003 and found["wrong_at_most"] > 0.5
    words = run(screens)
    assert "4 frames of all show a ruler" in words and "1 of 3 read" in words


def test_a_broken_file_is_named_and_the_others_count(tmp_path: Path) -> None:
    write_png(tmp_path / "0.png", simulate(SEEDS[0], device=ELM))
    write_png(tmp_path / "1.png", simulate(9_000_401, device=ELM))
    (tmp_path / "1.png").write_bytes((tmp_path / "1.png").read_bytes()[:3_000])
    table(tmp_path, [("0.png", "0.1", "ruler_x", ""), ("1.png", "0.1", "ruler_x", "")])
    assert json.loads(run(tmp_path, "--json", code=1))["n"] == 1


def test_weak_pixel_sizes_judge_nothing_and_copies_do_not_count(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        [
            ("a", "0.1", "ruler_dot10", ""),
            ("b", "0.1", "ruler_ge5_weak", "x;scale_weak"),
            ("c", "0.1", "ruler_ge5", "scale_geom_fail"),
            ("d", "0.1", "calliper_text", ""),
            ("e", "0.1", "ruler_ge5", "duplicate_of:a"),
            ("f", "", "", ""),
        ],
    )
    assert read_known(path) == {name: KnownRuler(0.1, name == "a") for name in "abc"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], "no scale_source"),
        ([("a", "0.1", "calliper_text", "")], "no scale_source"),
        ([("a", "x", "ruler_ge5", "")], "line 2"),
        ([("a", "0", "ruler_ge5", "")], "line 2"),
        ([("a", "nan", "ruler_ge5", "")], "line 2"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, rows: list[tuple[str, str, str, str]], found: str) -> None:
    path = table(tmp_path, rows)
    with raised(DatasetError, found=found):
        read_known(path)


def test_a_table_without_columns_or_absent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("fname,mm\n")
    for name in ("a.csv", "none.csv"):
        with raised(DatasetError, found=name):
            read_known(tmp_path / name)


def test_images_without_a_known_ruler_are_refused(screens: Path) -> None:
    with raised(DatasetError, found="none"):
        run_ruler(load(screens).images, {"other.png": KnownRuler(0.1, True)})


def test_none_wrong_has_an_upper_bound() -> None:
    images = [ImageRow(f"{n}.png", Path(f"{n}.png"), 10, 10, "all") for n in range(60)]
    tried = tuple(TriedRuler(one, (one.name, f"{n:016x}"), KnownRuler(0.1, True), 0.1) for n, one in enumerate(images))
    found = ruler_figures(RulerRun(tried, ()), resamples=50)
    assert found["wrong"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert found["wrong_at_most"] == pytest.approx(1 - 0.025 ** (1 / 60), abs=1e-5)
