"""A pack carries the frames that a recipe learns from, nearly as they are, and nothing that names them."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.simulate import simulate
from nonet.train.detector.pack import Pack, read_pack, write_pack
from nonet.train.detector.recipe import Recipe, load_recipe
from nonet.train.detector.samples import Sample, edges_of
from nonet.train.detector.training_frames import TrainingFrames

SHIPPED = Path(__file__).parents[3] / "recipes/detector-default.toml"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe(SHIPPED)[0]


def made() -> Pack:
    heads = [simulate(seed) for seed in (3, 4)]
    real = [
        Sample(f"patient-{n}.png", head.pixels, edges_of(head.boxes), f"{n:064x}", hidden=head.pixels // 2, device="GE")
        for n, head in enumerate(heads)
    ]
    real[1].edges[4] = np.nan
    other = Sample("other.png", heads[0].pixels[:200], edges_of({}), "f" * 64, complete=True)
    return Pack(tuple(real), (other,))


def test_a_pack_gives_back_what_was_put_in(tmp_path: Path) -> None:
    pack = made()
    size = write_pack(tmp_path / "frames.pack", pack, 90)
    found = read_pack(tmp_path / "frames.pack")
    assert size == (tmp_path / "frames.pack").stat().st_size < sum(one.pixels.size for one in pack.real) / 3
    assert (len(found.real), len(found.empty)) == (2, 1)
    for one, other in zip((*pack.real, *pack.empty), (*found.real, *found.empty), strict=True):
        np.testing.assert_array_equal(one.edges, other.edges)
        assert (one.pixels_sha256, one.complete, one.device) == (other.pixels_sha256, other.complete, other.device)
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 4
        assert (one.hidden is None) is (other.hidden is None)
    assert (
        found.real[0].hidden is not None
        and np.abs(found.real[0].hidden.astype(int) - made().real[0].pixels // 2).mean() < 4
    )


def test_a_pack_holds_no_names(tmp_path: Path) -> None:
    write_pack(tmp_path / "frames.pack", made(), 80)
    with zipfile.ZipFile(tmp_path / "frames.pack") as archive:
        assert b"patient" not in archive.read("pack.json")
        assert not any("patient" in name for name in archive.namelist())


def test_a_lower_quality_is_smaller(tmp_path: Path) -> None:
    sizes = [write_pack(tmp_path / f"{quality}.pack", made(), quality) for quality in (30, 90)]
    assert sizes[0] < sizes[1] / 1.5


def test_frames_of_a_pack_are_chosen_as_those_of_a_data_set(tmp_path: Path, recipe: Recipe) -> None:
    write_pack(tmp_path / "frames.pack", made(), 80)
    frames = TrainingFrames.of_pack(recipe, read_pack(tmp_path / "frames.pack"))
    assert len(frames.trained) + len(frames.held_out) == 2
    assert len(frames.empty) == 1
    unasked = replace(recipe, stages=tuple(replace(stage, empty=0.0) for stage in recipe.stages))
    assert not TrainingFrames.of_pack(unasked, read_pack(tmp_path / "frames.pack")).empty


def test_a_pack_without_what_the_recipe_asks_for_is_refused(recipe: Recipe) -> None:
    plain = Pack(tuple(replace(one, hidden=None) for one in made().real), ())
    with raised(TrainingError, found="hidden"):
        TrainingFrames.of_pack(recipe, plain)
    with raised(TrainingError, found="no frame with boxes"):
        TrainingFrames.of_pack(recipe, Pack((), ()))


def broken(path: Path, fault: str) -> None:
    """A pack of one frame with one thing wrong."""
    picture = io.BytesIO()
    Image.fromarray(np.zeros((8, 5000 if fault == "wide" else 8), np.uint8)).save(picture, "WEBP")
    row = {"kind": "real", "pixels_sha256": "0" * 64, "device": None, "edges": [None] * 9, "hidden": False}
    if fault == "boxes":
        row["edges"] = [None] * 8
    index = {"format": 2 if fault == "format" else 1, "frames": [row]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack.json", json.dumps(index))
        if fault != "absent":
            archive.writestr("00000.webp", b"no picture" if fault == "picture" else picture.getvalue())


@pytest.mark.parametrize("fault", ["format", "boxes", "absent", "picture", "wide"])
def test_a_broken_pack_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "frames.pack"
    broken(path, fault)
    with raised(TrainingError, found=r"^frames\.pack: ."):
        read_pack(path)
    broken(path, "")
    assert len(read_pack(path).real) == 1


def test_another_file_is_no_pack(tmp_path: Path) -> None:
    path = tmp_path / "frames.pack"
    path.write_bytes(b"not a zip")
    with raised(TrainingError, found=r"^frames\.pack: ."):
        read_pack(path)
