"""The 215 features have the names, the order, the ids and the sections of the reference list."""

import doctest
import sys

import pytest
from radiomics_references import rows

from nonet.radiomics import Aggregation, RadiomicsSettings, columns


def test_names_and_order() -> None:
    assert [column.name for column in columns(RadiomicsSettings())] == [
        row["clean_name"] for row in rows("radiomics_215.csv")
    ]


@pytest.mark.parametrize(
    ("of_column", "of_reference"), [("ibsi_id", "ibsi_id"), ("section", "ibsi_manual_v11_section")]
)
def test_every_feature_says_where_ibsi_defines_it(of_column: str, of_reference: str) -> None:
    found = [getattr(column, of_column) for column in columns(RadiomicsSettings())]
    assert found == [row[of_reference] for row in rows("radiomics_215.csv")]


def test_every_feature_has_a_formula_in_words() -> None:
    assert all(column.definition for column in columns(RadiomicsSettings()))


def test_one_aggregation_gives_its_own_columns_only() -> None:
    names = [column.name for column in columns(RadiomicsSettings(aggregations=(Aggregation.MERGED,)))]
    assert len(names) == 215 - 25 - 16
    assert not any(name.endswith("2d_averaged") for name in names)


def test_the_example_in_the_docstring_runs() -> None:
    module = sys.modules["nonet.radiomics.extract"]
    assert doctest.testmod(module).attempted > 0 == doctest.testmod(module).failed
