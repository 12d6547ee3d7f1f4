"""Plans and recipes that are wrong: the key is named, and nothing is read without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from nonet.errors import SettingsError, TrainingError
from nonet.study.plan_file import load_plan
from nonet.train.detector.recipe import load_recipe

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "recipes/detector-1.0.toml").read_text()
PLAN = next((ROOT / "studies").rglob("*.toml")).read_text()


def test_a_misspelt_key_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.replace("weight_decay", "weight_decai"))
    with pytest.raises(TrainingError) as caught:
        load_recipe(recipe)
    assert "weight_decai" in caught.value.found and "weight_decay" in caught.value.found
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("task =", "taks ="))
    with pytest.raises(SettingsError) as wrong:
        load_plan(plan)
    assert "taks" in wrong.value.found and "task" in wrong.value.found


@pytest.mark.parametrize(
    "text",
    [f"a = {'[' * 3000}{']' * 3000}", "a = " + "1" * 5000, "a = 1\n" * 2, "\0", "[a", "a = '\udcff'"],
    ids=range(6),
)
def test_what_is_no_toml_is_a_typed_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrainingError):
        load_recipe(path)
    with pytest.raises(SettingsError):
        load_plan(path)


def test_a_file_larger_than_any_plan_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("# " + "x" * (2 << 20))
    with pytest.raises(TrainingError):
        load_recipe(path)
    with pytest.raises(SettingsError):
        load_plan(path)


@pytest.mark.parametrize("base", ["/dev/zero", "/etc/passwd", "../../../x.toml", ".", "none.toml"])
def test_the_base_of_a_recipe_is_a_file_near_it(tmp_path: Path, base: str) -> None:
    folder = tmp_path / "a/b/c"
    folder.mkdir(parents=True)
    (folder / "x.toml").write_text(f'base = "{base}"\n')
    with pytest.raises(TrainingError):
        load_recipe(folder / "x.toml")
