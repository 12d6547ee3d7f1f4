"""A plan is checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from nonet.errors import SettingsError
from nonet.study.plan import load_plan

PLANS = sorted((Path(__file__).parents[2] / "studies").glob("*.toml"))
LEAST = 'name = "a"\ntask = "plane"\n[arms]\ndeep = ["deep"]\n'


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_plans_of_the_repository_can_be_read(path: Path) -> None:
    plan, sha = load_plan(path)
    assert plan.experiments
    assert len(sha) == 64


@pytest.mark.parametrize(
    "text",
    [
        "name = [",
        LEAST + 'more = "x"\n',
        LEAST.replace("plane", "colour"),
        LEAST.replace('task = "plane"', 'task = "labels"'),
        LEAST + "[folds]\ncount = 1\n",
        LEAST + '[baselines]\ndeep = ["scores"]\n',
        LEAST + '[selection]\nsources = ["hearsay"]\n',
        'scaling = "centre"\n' + LEAST + '[bundle]\nname = "b"\nversion = "1"\n',
        "inner_folds = 40\n" + LEAST,
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(SettingsError):
        load_plan(tmp_path / "plan.toml")
