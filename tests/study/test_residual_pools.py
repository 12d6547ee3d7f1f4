"""A frame's reviewers come from its own fold, and its own device where devices are left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors_raised import raised
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import DataSet, assign_folds, load
from nonet.errors import DatasetError
from nonet.simulate import simulate
from nonet.simulate.png_export import write_boxes, write_png
from nonet.simulate.reviewers import read_pools
from nonet.study.repeats import repeated
from nonet.study.residuals import ANOTHER, RESIDUALS, pools_of, residuals_files


@pytest.fixture(scope="module")
def two_machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    named = [(f"{n}.png", simulate(9_000_100 + n)) for n in range(12)]
    for name, frame in named:
        write_png(folder / name, frame)
    write_boxes(folder / "boxes.json", named)
    return folder


def test_whatever_is_held_out_the_pools_of_training_frames_hold_training_frames_alone(two_machines: Path) -> None:
    data = load(two_machines)
    images = [replace(image, device="GE" if n % 2 else None) for n, image in enumerate(data.images)]
    hashes = {image.name: f"{n:064x}" for n, image in enumerate(images)}
    repeats = [assign_folds(images, hashes, 3, salt) for salt in ("a", "b")]
    pools = pools_of(images, repeats, "device")
    for number, folds in enumerate(repeats):
        for held_out in range(3):
            train = {row.image for row in folds if row.fold != held_out}
            drawn_from = {pools[name][number] for name in train}
            assert {name for name in pools if pools[name][number] in drawn_from} == train
    other = {image.name for image in images if image.device != "GE"}
    assert {name for name in pools if pools[name][0] in {pools[each][0] for each in other}} == other
    assert pools_of(images, repeats, None)["0.png"][1] == repeated(
        f"fold {next(row.fold for row in repeats[1] if row.image == '0.png')}", 1
    )


@pytest.mark.slow
def test_the_pools_together_hold_what_is_measured_as_a_whole(two_machines: Path, tmp_path: Path) -> None:
    data = load(two_machines)
    of_image = {image.name: ("even" if n % 2 == 0 else "odd",) for n, image in enumerate(data.images)}
    of_image["without boxes.png"] = ("alone",)
    reviewers = residuals_files(
        tmp_path / "whole.json", tmp_path / "pools.json", data, of_image, Bundle(DEFAULT_BUNDLE), list
    )
    whole, pools = (json.loads(file.read_text()) for file in (reviewers.whole, reviewers.pools))
    assert set(pools) == {"even", "odd", "alone"}
    assert read_pools(reviewers.pools)["alone"].rows == {}
    assert reviewers.pools_of("without boxes.png") == ("alone",)
    for structure in pools["odd"]["rows"].keys() & pools["even"]["rows"].keys():
        both = [*pools["even"]["rows"][structure], *pools["odd"]["rows"][structure]]
        np.testing.assert_allclose(sorted(both), sorted(whole["rows"][structure]))
    assert reviewers.pools_of("0.png") == ("even",)


def test_without_boxes_the_bundles_residuals_are_the_one_pool(two_machines: Path, tmp_path: Path) -> None:
    data, bundle = load(two_machines), Bundle(DEFAULT_BUNDLE)
    bare = DataSet("test", data.images, ())
    files = (tmp_path / "whole.json", tmp_path / "pools.json")
    reviewers = residuals_files(*files, bare.boxed(), {}, bundle, list)
    assert json.loads(reviewers.pools.read_text()) == {ANOTHER: json.loads(bundle.file(RESIDUALS))}
    assert reviewers.pools_of("0.png") == (ANOTHER,)
    (tmp_path / "named.json").write_text("{}")
    with raised(DatasetError, found="named.json"):
        residuals_files(tmp_path / "w.json", tmp_path / "p.json", data, {}, bundle, list, named=tmp_path / "named.json")
