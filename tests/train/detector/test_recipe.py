"""A recipe is checked before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.train.detector.recipe import load_recipe
from nonet.train.trunks import build_trunk

SHIPPED = Path(__file__).parents[3] / "recipes/detector-1.1.toml"
RECIPES = sorted((Path(__file__).parents[3] / "recipes").rglob("detector*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_in_the_repository_loads(path: Path) -> None:
    recipe, sha = load_recipe(path)
    assert all(stage.width % 32 == 0 and stage.height % 32 == 0 for stage in recipe.stages)
    assert len(sha) == 64


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    text = SHIPPED.read_text().replace("held_out = 0.1\n", "")
    (tmp_path / "r.toml").write_text(text)
    with raised(TrainingError, found="held_out"):
        load_recipe(tmp_path / "r.toml")


def test_a_text_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("stages = [")
    with raised(TrainingError, found=r"r\.toml: Invalid value \(at end of document\)"):
        load_recipe(tmp_path / "r.toml")


def test_an_unknown_trunk_names_the_known_ones() -> None:
    with raised(TrainingError, found="'resnet'"):
        build_trunk("resnet")


def test_a_recipe_says_only_what_differs_from_its_base(tmp_path: Path) -> None:
    base, _ = load_recipe(SHIPPED)
    (tmp_path / "base.toml").write_text(SHIPPED.read_text())
    differs = 'base = "base.toml"\nseed = 5\n[frames]\ndevice = "GE"\n[bundle]\nname = "other"\n'
    (tmp_path / "r.toml").write_text(differs)
    recipe, _ = load_recipe(tmp_path / "r.toml")
    assert (recipe.seed, recipe.frames.device, recipe.bundle.name) == (5, "GE", "other")
    assert recipe.bundle.version == base.bundle.version
    assert recipe.stages == base.stages


def test_an_unknown_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("sead = 5\n" + SHIPPED.read_text())
    with raised(TrainingError, found="sead"):
        load_recipe(tmp_path / "r.toml")


def test_a_recipe_that_is_its_own_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text('base = "r.toml"')
    with raised(TrainingError, found=r"r\.toml leads back to r\.toml"):
        load_recipe(tmp_path / "r.toml")
