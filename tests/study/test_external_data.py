"""A second data set is only tested: its images have names of their own, its classes are the study's."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors_raised import raised
from nonet.anatomy import Structure
from nonet.bundle import Unit
from nonet.datasets import DataSet, ImageRow
from nonet.datasets.tasks import LabelledRows
from nonet.errors import DatasetError, SettingsError
from nonet.study import run_study
from nonet.study.external_data import as_tested, called_external

NT, BONE = Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE


def rows(labels: dict[tuple[str, Structure], str], classes: tuple[str, ...]) -> LabelledRows:
    names = dict.fromkeys(image for image, _ in labels)
    images = tuple(ImageRow(name, Path(name), 4, 4, "all", source="0.png") for name in names)
    return LabelledRows(Unit.STRUCTURE, classes, classes[-1], labels, DataSet("test", images, ()), ())


def test_its_images_and_their_own_sources_have_names_of_their_own() -> None:
    external = called_external(rows({("0.png", NT): "normal", ("1.png", NT): "abnormal"}, ("normal", "abnormal")))
    assert set(external.labels) == {("external/0.png", NT), ("external/1.png", NT)}
    assert [image.source for image in external.data.images] == ["external/0.png"] * 2
    foreign = called_external(rows({("1.png", NT): "normal"}, ("normal",)))
    assert foreign.data.images[0].source == "0.png", "the source may be a frame of the study: that is a leak to find"


def test_it_is_tested_with_the_classes_and_structures_of_the_study(caplog: pytest.LogCaptureFixture) -> None:
    classes = ("normal", "borderline", "abnormal")
    labelled = rows({("a.png", NT): "normal", ("b.png", NT): "borderline", ("c.png", NT): "abnormal"}, classes)
    external = rows({("0.png", NT): "normal", ("1.png", BONE): "abnormal"}, ("normal", "abnormal"))
    tested = as_tested(external, labelled)
    assert (tested.classes, tested.positive) == (classes, "abnormal")
    assert set(tested.labels) == {("0.png", NT)}
    assert [image.name for image in tested.data.images] == ["0.png"]
    assert "nasal_bone" in caplog.text
    with raised(DatasetError, found="'thick'"):
        as_tested(rows({("0.png", NT): "thick"}, ("thick",)), labelled)
    with raised(DatasetError, found="no structure"):
        as_tested(rows({("0.png", BONE): "normal"}, ("normal",)), labelled)


def test_a_plan_says_whether_there_is_one(tmp_path: Path, published_folder: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('name = "a"\ntask = "plane"\nsplit = "set2"\n[arms]\ndeep = ["deep"]\n')
    with raised(SettingsError, found="no external_data in the plan"):
        run_study(plan, tmp_path / "run", data=published_folder, external_data=published_folder)
