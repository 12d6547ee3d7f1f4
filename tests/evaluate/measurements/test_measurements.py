"""``nonet evaluate measurements``: simulated heads whose thickness is known stand in for printed readings."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from errors_raised import raised
from nonet.bundle import DEFAULT_BUNDLE
from nonet.cli.main import app
from nonet.datasets import load
from nonet.datasets.data_set import ImageRow
from nonet.errors import DatasetError
from nonet.evaluate.measurements import Compared, MeasurementRun, measurement_figures, read_printed, run_measurements
from nonet.evaluate.measurements.measurement_figures import _icc
from nonet.evaluate.measurements.printed_readings import NEEDED, PrintedReading, Scale
from nonet.select.icc import agreement
from nonet.simulate import simulate
from nonet.simulate.png_export import write_png

HEADS = range(9_000_300, 9_000_306)


def table(folder: Path, rows: list[tuple[str, str, str, str, str]]) -> Path:
    path = folder / "frames.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NEEDED)
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six heads: four with a ruler, one with its scale from the print, one with a broken file."""
    folder = tmp_path_factory.mktemp("heads")
    rows = []
    for number, seed in enumerate(HEADS):
        made = simulate(seed)
        write_png(folder / f"{number}.png", made)
        source = "calliper_text" if number == 4 else "ruler_dot10"
        rows.append((f"{number}.png", f"{made.mm_per_px:.5f}", source, "", f"{made.shown['nt_mm']:.2f}"))
    rows.append(("weak.png", "0.1", "ruler_ge5_n3_weak", "scale_weak", "1.5"))
    (folder / "5.png").write_bytes((folder / "5.png").read_bytes()[:2_000])
    table(folder, rows)
    return folder


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["evaluate", "measurements", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.mark.slow
def test_simulated_heads_are_measured_near_their_truth(heads: Path) -> None:
    found = json.loads(run(heads, "--json", code=1))
    left = sum(found["left_out"].values())
    assert found["n"] + found["calliper_text"]["n"] + left == 5
    assert found["n"] >= 3
    assert found["median_absolute_error_mm"]["value"] < 0.2
    assert set(found["limits_mm"]) == {"value", "low", "high"}
    assert "icc_a1" not in found["calliper_text"]
    words = run(heads, "--overlays", "keep", code=1)
    assert "against the print" in words
    assert "within 0.1 mm" in words


@pytest.mark.slow
def test_a_frame_goes_to_the_bundle_that_has_not_seen_it(heads: Path) -> None:
    data = load(heads)
    found = run_measurements(data.images, read_printed(heads / "frames.csv"), [DEFAULT_BUNDLE, DEFAULT_BUNDLE])
    assert not any(one.seen for one in found.compared)
    assert [one.image for one in found.unreadable] == ["5.png"]


def test_readings_are_used_by_what_their_pixel_size_is_from(tmp_path: Path) -> None:
    rows = [
        ("a.png", "0.1", "ruler_dot10", "nt_boxed", "1.5"),
        ("b.png", "0.1", "calliper_text", "", "1.6"),
        ("c.png", "0.1", "ruler_dot10_weak", "scale_weak", "1.7"),
        ("d.png", "", "", "", "1.8"),
        ("e.png", "0.1", "ruler_dash5", "duplicate_of:a.png", "1.5"),
        ("f.png", "0.1", "ruler_dash5", "scale_geom_fail", "1.5"),
        ("g.png", "0.1", "ruler_dash5", "", ""),
    ]
    readings, left_out = read_printed(table(tmp_path, rows))
    assert readings == {
        "a.png": PrintedReading(1.5, 0.1, Scale.RULER),
        "b.png": PrintedReading(1.6, 0.1, Scale.FROM_TEXT),
    }
    assert left_out == {
        "c.png": "weak pixel size",
        "d.png": "no pixel size",
        "e.png": "copy of another image",
        "f.png": "weak pixel size",
    }


def test_tables_that_cannot_be_and_empty_ones_are_refused(tmp_path: Path) -> None:
    with raised(DatasetError, found="line 2: nt_printed_mm 'thick'"):
        read_printed(table(tmp_path, [("a.png", "0.1", "ruler_dot10", "", "thick")]))
    with raised(DatasetError, found="no reading"):
        read_printed(table(tmp_path, [("a.png", "0.1", "ruler_dot10", "", "")]))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with raised(DatasetError, found="other.csv"):
        read_printed(tmp_path / "other.csv")
    with raised(DatasetError, found="frames.csv"):
        read_printed(tmp_path / "nothing" / "frames.csv")


def test_a_data_set_without_such_images_is_refused(tmp_path: Path) -> None:
    images = [ImageRow("x.png", tmp_path / "x.png", 4, 4, "all")]
    with raised(DatasetError, found="none"):
        run_measurements(images, ({"a.png": PrintedReading(1.0, 0.1, Scale.RULER)}, {}), [DEFAULT_BUNDLE])


def compared(pairs: np.ndarray, scale: Scale = Scale.RULER) -> MeasurementRun:
    rows = [
        Compared(
            ImageRow(f"{number}.png", Path(f"{number}.png"), 4, 4, "all"),
            (f"{number:064x}", f"{np.random.default_rng(number).integers(2**62):064x}"),
            scale,
            float(printed),
            float(measured),
            0.1,
            False,
        )
        for number, (printed, measured) in enumerate(pairs)
    ]
    return MeasurementRun(tuple(rows), {}, ())


def test_figures_are_those_of_the_pairs() -> None:
    rng = np.random.default_rng(0)
    printed = rng.normal(1.6, 0.4, 60)
    pairs = np.column_stack([printed, printed + rng.normal(0.05, 0.1, 60)])
    error = pairs[:, 1] - pairs[:, 0]
    found = measurement_figures(compared(pairs), resamples=200)
    assert found["n"] == 60
    assert found["median_absolute_error_mm"]["value"] == pytest.approx(np.median(np.abs(error)), abs=1e-4)
    assert found["bias_mm"]["value"] == pytest.approx(np.median(error), abs=1e-4)
    assert found["limits_mm"]["value"] == pytest.approx(1.96 * error.std(ddof=1), abs=1e-4)
    assert found["within_0_1_mm"]["value"] == pytest.approx((np.abs(error) <= 0.1).mean(), abs=1e-4)
    assert _icc(pairs) == pytest.approx(float(agreement(pairs[:, :, None]).icc[0]), abs=1e-9)
    assert found["bias_mm"]["low"] < found["bias_mm"]["value"] < found["bias_mm"]["high"]


def test_frames_whose_scale_is_from_the_print_stay_out_of_the_figure() -> None:
    found = measurement_figures(compared(np.array([[1.5, 2.5], [1.2, 1.3], [1.4, 1.4]]), Scale.FROM_TEXT), resamples=20)
    assert found["n"] == 0
    assert found["icc_a1"] == {"value": None, "low": None, "high": None}
    assert found["calliper_text"]["n"] == 3
