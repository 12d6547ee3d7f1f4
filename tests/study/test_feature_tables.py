"""What ``nonet features`` writes can be what a study grades."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE
from nonet.cli.main import app
from nonet.errors import SettingsError
from nonet.features.parts import FeaturePart
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.study.feature_tables import with_tables
from nonet.study.plan_file import load_plan
from nonet.study.study_features import OWN, FrameItem, HeadItem, StudyFeatures, extract_all

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
IMAGES = tuple(path.name for path in sorted(EXAMPLES.glob("*.png"))[:3])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    (place / "images").mkdir()
    for name in IMAGES:
        shutil.copy(EXAMPLES / name, place / "images" / name)
    return place


@pytest.fixture(scope="module")
def computed(folder: Path) -> StudyFeatures:
    frames = [FrameItem(name, folder / "images" / name, "0" * 64, 0, shown_again=False) for name in IMAGES]
    parts = frozenset({FeaturePart.RADIOMICS})
    return extract_all(
        [*frames, HeadItem(7)], DEFAULT_BUNDLE, parts, None, folder / "parts", seed=0, workers=1, watch=list
    )


@pytest.fixture(scope="module")
def table(folder: Path) -> Path:
    path = folder / "radiomics.parquet"
    words = ["features", "radiomics", str(folder / "images"), "-o", str(path), "--boxes", "detected"]
    run = CliRunner().invoke(app, words)
    assert run.exit_code == 0, run.output
    return path


def test_a_table_of_detected_boxes_has_the_boxes_that_the_study_finds(computed: StudyFeatures, table: Path) -> None:
    """Its values are in pixels of the frames, where the study's are in the head frame."""
    taken = with_tables(computed, [table], DEFAULT_BUNDLE)
    assert taken.names == computed.names
    np.testing.assert_array_equal(taken.subject, computed.subject)
    np.testing.assert_allclose(taken.boxes, computed.boxes, atol=1e-3)
    density = taken.names.index("morph_elongation")
    np.testing.assert_allclose(taken.values[:, density], computed.values[:, density], rtol=0.2)


def changed(table: Path, to: Path, **columns: object) -> Path:
    """A copy of a table with other columns."""
    read = pq.read_table(table)
    for name, values in columns.items():
        read = read.set_column(read.column_names.index(name), read.schema.field(name), [values])
    pq.write_table(read, to)
    return to


def test_values_of_the_table_are_graded_and_ratings_stay(computed: StudyFeatures, table: Path, tmp_path: Path) -> None:
    name = RadiomicFeatures().names[0]
    other = changed(table, tmp_path / "other.parquet", **{name: np.arange(27.0)})
    taken = with_tables(computed, [other], DEFAULT_BUNDLE)
    place, own = taken.names.index(name), taken.source == OWN
    assert sorted(taken.values[own, place].tolist()) == list(range(27))
    np.testing.assert_array_equal(taken.values[~own], computed.values[~own])


def test_a_frame_without_rows_is_left_out_by_name(computed: StudyFeatures, table: Path, tmp_path: Path) -> None:
    read = pq.read_table(table)
    pq.write_table(read.slice(9), tmp_path / "less.parquet")
    first = read["image"][0].as_py()
    taken = with_tables(computed, [tmp_path / "less.parquet"], DEFAULT_BUNDLE)
    assert first not in taken.subject[taken.source == OWN]
    assert "less.parquet" in taken.defects[first]
    assert np.count_nonzero(taken.source == OWN) == 2 * len(STRUCTURES)


def test_a_structure_without_a_row_has_no_value(computed: StudyFeatures, table: Path, tmp_path: Path) -> None:
    pq.write_table(pq.read_table(table).slice(1), tmp_path / "less.parquet")
    taken = with_tables(computed, [tmp_path / "less.parquet"], DEFAULT_BUNDLE)
    columns = [taken.names.index(name) for name in RadiomicFeatures().names]
    nothing = np.isnan(taken.values[taken.source == OWN][:, columns]).all(axis=1)
    assert nothing.sum() == 1


def test_what_is_no_such_table_is_refused_by_name(computed: StudyFeatures, table: Path, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no table")
    read = pq.read_table(table)
    pq.write_table(read.replace_schema_metadata({}), tmp_path / "bare.parquet")
    other = {b"nonet.radiomics.settings": b'{"bins": 16}'}
    pq.write_table(read.replace_schema_metadata(other), tmp_path / "settings.parquet")
    for name in ("text.parquet", "bare.parquet", "settings.parquet", "none.parquet"):
        with pytest.raises(SettingsError) as caught:
            with_tables(computed, [tmp_path / name], DEFAULT_BUNDLE)
        assert name in caught.value.found


def test_a_plan_names_its_tables_and_makes_no_bundle_of_them(tmp_path: Path) -> None:
    text = 'name = "a"\ntask = "plane"\nfeatures = ["radiomics.parquet"]\n[arms]\nradiomics = ["radiomics"]\n'
    text += "[selection]\nsources = []\n"
    (tmp_path / "plan.toml").write_text(text)
    assert load_plan(tmp_path / "plan.toml")[0].features == ("radiomics.parquet",)
    (tmp_path / "plan.toml").write_text(text.replace("sources = []", 'sources = ["reviewers"]'))
    with pytest.raises(SettingsError, match="head frame"):
        load_plan(tmp_path / "plan.toml")
    (tmp_path / "plan.toml").write_text(text + '[bundle]\nname = "a"\nversion = "1"\n')
    with pytest.raises(SettingsError):
        load_plan(tmp_path / "plan.toml")
