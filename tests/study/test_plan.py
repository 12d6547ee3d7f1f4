"""A plan is checked before anything runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nonet.anatomy import Structure
from nonet.bundle.grader_kind import GraderKind
from nonet.errors import SettingsError
from nonet.study.plan_file import load_plan

PLANS = sorted((Path(__file__).parents[2] / "studies").glob("*.toml"))
LEAST = 'name = "a"\ntask = "plane"\n[arms]\ndeep = ["deep"]\n'
LABELS = LEAST.replace("plane", "labels")
GRADED = 'labels = "a.csv"\n' + LABELS


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
        "twins = -1\n" + LEAST,
        "level = 0.4\n" + LEAST,
        LEAST + "[levels]\nstandard = 1.0\n",
        LEAST + '[levels]\nstandard = "high"\n',
        "twins = 21\n" + LEAST,
        'twins = 2\nscaling = "centre"\n' + LEAST,
        'twins = 2\nfeatures = ["a.parquet"]\n' + LEAST,
        'boxes = "drawn"\n' + LEAST,
        'boxes = "reference"\nfeatures = ["a.parquet"]\n' + LEAST,
        'boxes = "reference"\ntwins = 1\n' + LEAST,
        'boxes = "reference"\n' + LEAST + "[raters]\nreviewers = 0\n[selection]\nsources = []\n",
        'boxes = "reference"\n' + LEAST + '[bundle]\nname = "b"\nversion = "1"\n',
        LEAST + '[baselines]\ndeep = ["scores"]\n',
        LEAST + '[selection]\nsources = ["hearsay"]\n',
        'scaling = "centre"\n' + LEAST + '[bundle]\nname = "b"\nversion = "1"\n',
        "inner_folds = 40\n" + LEAST,
        LEAST + '[selection]\nreported = ["hearsay"]\n',
        LEAST + '[variants.other]\narm = "radiomics"\nselection = { sources = [] }\n',
        LEAST + '[variants.deep]\narm = "deep"\nselection = { sources = [] }\n',
        LEAST + '[variants.other]\narm = "deep"\nselection = { source = [] }\n',
        LEAST + '[variants.other]\narm = "deep"\nselection = { l1_ratio = 0 }\n',
        LEAST + '[variants.other]\narm = "deep"\ngrader = { C = 1.0 }\n',
        LEAST + '[variants.other]\narm = "deep"\ngrader = { components = 3 }\n',
        LEAST + '[variants.other]\narm = "deep"\ngrader = { by_word = 0.5 }\n',
        LEAST + '[variants.other]\narm = "deep"\nselection = { sources = ["hearsay"] }\n',
        LEAST + '[bands.structures.nasal_bone]\nsize = "mm"\nabnormal_below = 2.0\n',
        LEAST + 'size = ["ruler"]\n[bundle]\nname = "b"\nversion = "1"\n',
        LEAST + 'boxes = ["deep", "box_size"]\n[bundle]\nname = "b"\nversion = "1"\n',
        'features = ["a.parquet"]\n' + LEAST + '[baselines]\nsize = ["ruler"]\n[selection]\nsources = []\n',
        LEAST + '[primary]\nstructures = ["nasal_bone"]\narm = "deep"\nagainst = "deep"\n',
        GRADED + '[primary]\nstructures = ["nasal_bone"]\narm = "deep"\nagainst = "radiomics"\n',
        GRADED + '[primary]\nstructures = []\narm = "deep"\nagainst = "deep"\n',
        GRADED + '[primary]\nstructures = ["nose"]\narm = "deep"\nagainst = "deep"\n',
        'kinds = ["boosting"]\n'
        + GRADED
        + '[primary]\nstructures = ["palate"]\narm = "deep"\nagainst = "deep"\nkind = "tab_transformer"\n',
        LABELS,
        LABELS + '[bands.structures.nasal_bone]\nsize = "mm"\n',
        LABELS + '[bands.structures.nasal_bone]\nsize = "mm"\nabnormal_below = 2.0\nnormal_from = 1.0\n',
        'labels = "a.csv"\n' + LABELS + '[bands.structures.nasal_bone]\nsize = "mm"\nabnormal_below = 2.0\n',
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(SettingsError):
        load_plan(tmp_path / "plan.toml")


def test_a_variant_is_its_arm_selected_otherwise(tmp_path: Path) -> None:
    text = LEAST + '[variants."no filter"]\narm = "deep"\nselection = { sources = [], least_icc = 0.5 }\n'
    (tmp_path / "plan.toml").write_text(text + "[selection]\nfolds = 7\n")
    plan, _ = load_plan(tmp_path / "plan.toml")
    assert plan.inputs("no filter") == plan.arms["deep"]
    assert plan.selection_of("deep") == plan.selection
    assert plan.selection_of("no filter") == replace(plan.selection, sources=(), least_icc=0.5)
    assert plan.experiments[-1] == ("no filter", GraderKind.LOGISTIC_REGRESSION)


def test_bands_take_the_place_of_a_table_of_labels(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(LABELS + '[bands.structures.nasal_bone]\nsize = "mm"\nabnormal_below = 2.0\n')
    plan, _ = load_plan(tmp_path / "plan.toml")
    assert plan.bands is not None
    assert plan.bands.structures[Structure.NASAL_BONE].abnormal_below == 2
