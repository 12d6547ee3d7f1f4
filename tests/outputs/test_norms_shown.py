"""Centiles by each population, in the document, the table, the CSV and the caption of the picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from example_readings import THICKNESS, make_reading, with_thickness
from rich.console import Console

from nonet.anatomy import Grade
from nonet.outputs.csv_table import rows_of
from nonet.outputs.picture.caption import footer_height
from nonet.outputs.pixel_output import BurntIn
from nonet.outputs.terminal import render_one
from nonet.reading import NormComparison, NormsReference, Reading, Settings

NORMS = (
    NormComparison("nt-a", "a town", "a journal; doi 1", 55.8, 0.15, None, 1.56, Grade.NORMAL),
    NormComparison("nt-b", "another town", "a book", 95.0, 1.64, "above", None, Grade.UNDECIDED, "too few centiles"),
    NormComparison("nt-c", "a third", "a letter", expected=1.7, reason="no spread"),
)
SETTINGS = Settings(crl_mm=65.0, norms=NormsReference("ours", "0" * 64, Path("/secret/ours.json")))


@pytest.fixture(scope="module")
def reading() -> Reading:
    thickness = replace(THICKNESS, centile=55.8, norms=NORMS)
    return replace(with_thickness(make_reading(), thickness), settings=SETTINGS)


def test_the_document_keeps_them_and_no_path(reading: Reading) -> None:
    text = reading.to_json()
    assert Reading.from_json(text) == reading
    assert "secret" not in text
    assert json.loads(text)["settings"]["norms"] == {"name": "ours", "sha256": "0" * 64}


def test_a_document_from_before_norms_is_still_read(reading: Reading) -> None:
    older = json.loads(make_reading().to_json())
    for finding in older["findings"]:
        for measurement in finding["measurements"]:
            del measurement["norms"]
    for name in ("ruler", "crl_mm", "ga_days", "norms"):
        del older["settings"][name]
    assert Reading.from_json(json.dumps(older)) == make_reading()


def test_the_table_shows_populations_side_by_side_with_their_sources(reading: Reading) -> None:
    shown = Console(width=300, force_terminal=False)
    with shown.capture() as capture:
        shown.print(render_one("a.png", reading))
    text = capture.get()
    assert "nt-a: centile 55.8, normal; nt-b: above centile 95, undecided" in text
    assert "norm nt-a (a town; a journal; doi 1), expected 1.56 mm" in text
    assert "norm nt-c (a third; a letter), expected 1.7 mm: no spread" in text
    assert "CRL 65 mm" in text


def test_the_csv_has_two_columns_for_each_norm(reading: Reading) -> None:
    row = next(row for row in rows_of("a.png", reading) if row["structure"] == "nuchal_translucency")
    assert (row["thickness_centile_nt_a"], row["thickness_grade_nt_a"]) == ("55.8", "normal")
    assert (row["thickness_centile_nt_b"], row["thickness_grade_nt_b"]) == (">95.0", "undecided")
    assert (row["thickness_centile_nt_c"], row["thickness_grade_nt_c"]) == ("", "not_assessed")


def test_the_caption_makes_room_for_a_line_a_norm_with_a_centile(reading: Reading) -> None:
    def height(of: Reading) -> int:
        return footer_height(of, BurntIn.KEPT)

    line = height(replace(make_reading(), warnings=("a warning",))) - height(make_reading())
    assert height(reading) - height(replace(reading, settings=Settings())) == 3 * line
