"""Every code against pydicom's dictionary, by value, scheme and meaning."""

from __future__ import annotations

import re

import pytest
from pydicom.sr._concepts_dict import concepts

from nonet.anatomy import CODES, Code, Grade, Structure
from nonet.frame import SpacingSource
from nonet.measure.protocols import MEASURED
from nonet.outputs.dicom import codes
from nonet.reading import Criterion, Face

NOT_IN_THE_DICTIONARY = {
    "72914001": "Palate is in SNOMED CT but in no context group of PS3.16",
    "{pixels}": "UCUM's annotations are free text and listed nowhere",
    "{head}": "UCUM's annotations are free text and listed nowhere",
    "{skin}": "UCUM's annotations are free text and listed nowhere",
}
"""By value, with the reason."""
_SHORT_STRING = 16
_LONG_STRING = 64


def meanings() -> dict[tuple[str, str], str]:
    """The dictionary's meaning of each value and scheme."""
    return {
        (value, scheme): meaning
        for scheme, keywords in concepts.items()
        for values in keywords.values()
        for value, (meaning, _) in values.items()
    }


def published() -> list[Code]:
    return [code for code in (*codes.all_codes(), *CODES.values()) if code.scheme != codes.PRIVATE_SCHEME]


@pytest.mark.parametrize("code", published(), ids=lambda code: f"{code.scheme} {code.value}")
def test_a_published_code_is_the_dictionarys(code: Code) -> None:
    found = meanings().get((code.value, code.scheme))
    if code.value in NOT_IN_THE_DICTIONARY:
        assert found is None
        assert code.value in codes.EXTENSIONS
        return
    assert found is not None
    assert code.meaning == re.sub(r" \((body structure|attribute)\)$", "", found)


def test_the_check_can_fail() -> None:
    assert meanings().get(("12146-7", "LN")) != codes.NUCHAL_TRANSLUCENCY.meaning


def test_no_code_is_one_that_says_something_else() -> None:
    used = {(code.value, code.scheme) for code in codes.all_codes()}
    assert ("12146-7", "LN") not in used, "the second-trimester fold"
    assert ("272519000", "SCT") not in used, "absent is a diagnosis"
    assert codes.NUCHAL_TRANSLUCENCY.value == "33069-6"


def test_each_structure_grade_source_and_criterion_has_one_code_of_its_own() -> None:
    for table, members in (
        (CODES, Structure),
        (codes.GRADE_CODES, Grade),
        (codes.SPACING_CODES, SpacingSource),
        (codes.CRITERION_CODES, Criterion),
        (codes.FACE_CODES, Face),
    ):
        assert set(table) == set(members)
        assert len(set(table.values())) == len(table)


def test_each_measurement_has_one_code_of_its_own_that_leads_back_to_its_name() -> None:
    measured = [*MEASURED, (Structure.NASAL_BONE, "echo")]
    found = [codes.measurement_code(structure, name) for structure, name in measured]
    assert len(set(found)) == len(measured)
    assert [codes.measurement_names()[code] for code in found] == [name for _, name in measured]
    assert codes.measurement_code(Structure.PALATE, "length") != codes.NASAL_BONE_LENGTH


def test_a_value_means_one_thing() -> None:
    every = codes.all_codes()
    assert len({(code.value, code.scheme) for code in every}) == len(every)


@pytest.mark.parametrize("code", codes.all_codes(), ids=lambda code: code.value)
def test_a_code_fits_its_attributes(code: Code) -> None:
    assert 0 < len(code.value) <= _SHORT_STRING
    assert 0 < len(code.meaning) <= _LONG_STRING
    assert (code.value + code.meaning).isascii()


def test_every_extension_is_in_use() -> None:
    used = {code.value for code in (*codes.all_codes(), *CODES.values())}
    assert set(codes.EXTENSIONS) <= used
