"""The features of many images become one Parquet file, whatever is wrong with a few, and however often one stops."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from nonet.errors import NotAnImage
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.features.table import Job, write_table
from nonet.radiomics import RadiomicsSettings, Undefined, columns, extract
from nonet.reading import Box

RADIOMICS = RadiomicFeatures()
BOXES = (("thalami", Box(5, 5, 40, 30)), ("nasal_bone", Box(50, 10.4, 80, 19.7)))


def noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (60, 90), dtype=np.uint8)


def unreadable() -> NDArray[np.uint8]:
    raise NotAnImage("A file is an image", found="a letter", remedy="Remove it")


def jobs(count: int) -> list[Job]:
    return [Job(f"{n}.png", partial(noise, n), BOXES) for n in range(count)]


def test_a_row_for_every_box_with_its_values(tmp_path: Path) -> None:
    table = write_table(jobs(3), tmp_path / "f.parquet", RADIOMICS)
    written = pq.read_table(tmp_path / "f.parquet")
    names = [column.name for column in columns(RadiomicsSettings())]
    assert written.column_names == ["image", "structure", "box", "settings", *names, "defect", "undefined"]
    assert (table.rows, table.defective, table.unreadable) == (6, 0, ())
    last = written.to_pylist()[-1]
    assert (last["image"], last["structure"], last["box"]) == ("2.png", "nasal_bone", [50, 10.4, 80, 19.7])
    assert last["settings"] == RadiomicsSettings().sha256
    np.testing.assert_array_equal([last[name] for name in names], extract(noise(2), BOXES[1][1]).values)
    assert dict(last["undefined"])["morph_volume_density_aee"] == Undefined.SINGLE_SLICE


def test_the_settings_travel_with_the_file(tmp_path: Path) -> None:
    chosen = RadiomicsSettings(glcm_distance=2)
    write_table(jobs(1), tmp_path / "f.parquet", RadiomicFeatures(chosen))
    metadata = pq.read_schema(tmp_path / "f.parquet").metadata
    assert metadata[b"nonet.radiomics.settings"].decode() == chosen.document


def test_what_cannot_be_measured_is_a_row_of_nan_with_its_reason(tmp_path: Path) -> None:
    outside = (("palate", Box(500, 500, 600, 600)), *BOXES)
    table = write_table(
        [Job("a.png", partial(noise, 1), outside), Job("b.png", unreadable, BOXES)],
        tmp_path / "f.parquet",
        RADIOMICS,
    )
    written = pq.read_table(tmp_path / "f.parquet")
    assert written["defect"].to_pylist() == ["outside_image", None, None, "unreadable", "unreadable"]
    assert np.isnan(written["stat_mean"][0].as_py())
    assert (table.rows, table.defective, table.unreadable) == (5, 3, ("b.png",))


def test_several_processes_write_the_same_file(tmp_path: Path) -> None:
    write_table(jobs(12), tmp_path / "one.parquet", RADIOMICS)
    write_table(jobs(12), tmp_path / "two.parquet", RADIOMICS, workers=2)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    output, batches = tmp_path / "f.parquet", []

    def stopped_after_one(work: Sequence[object]) -> Iterable[object]:
        yield work[0]
        raise KeyboardInterrupt

    def counted(work: Sequence[object]) -> Iterable[object]:
        batches.append(len(work))
        return work

    with pytest.raises(KeyboardInterrupt):
        write_table(jobs(20), output, RADIOMICS, watch=stopped_after_one)
    assert not output.exists()
    write_table(jobs(20), output, RADIOMICS, watch=counted)
    assert batches == [2]
    assert pq.read_table(output)["image"].to_pylist()[::2] == [f"{n}.png" for n in range(20)]
    assert [file.name for file in tmp_path.iterdir()] == ["f.parquet"]


def test_a_changed_image_is_computed_again_after_an_interruption(tmp_path: Path) -> None:
    output, seen = tmp_path / "f.parquet", []

    def never(work: Sequence[object]) -> Iterable[object]:
        yield from work
        raise KeyboardInterrupt

    def counted(work: Sequence[object]) -> Iterable[object]:
        seen.append(len(work))
        return work

    with pytest.raises(KeyboardInterrupt):
        write_table([Job("a.png", partial(noise, 1), BOXES, stamp="old")], output, RADIOMICS, watch=never)
    write_table([Job("a.png", partial(noise, 2), BOXES, stamp="new")], output, RADIOMICS, watch=counted)
    assert seen == [1]
    assert pq.read_table(output)["stat_mean"][0].as_py() == extract(noise(2), BOXES[0][1]).values[31]


def test_no_box_is_an_empty_table(tmp_path: Path) -> None:
    assert write_table([], tmp_path / "f.parquet", RADIOMICS).rows == 0
    assert pq.read_table(tmp_path / "f.parquet").num_columns == 221
