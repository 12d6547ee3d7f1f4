"""The published schema is the program's own, accepts what the program writes, and is described in full."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from example_readings import make_reading

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.outputs.schema import schema_text
from nonet.reading import Grading, Reading

REFERENCE = Path(__file__).parents[2] / "docs/reference"
PUBLISHED = REFERENCE / "reading.schema.json"


def test_the_published_schema_is_the_programs_own() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_command_prints_it() -> None:
    run = subprocess.run([sys.executable, "-m", "nonet.outputs.schema"], capture_output=True, check=True)
    assert run.stdout == PUBLISHED.read_bytes()


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize(
    "reading",
    [
        make_reading(),
        make_reading(spacing=None, visible=[], plane=0.9, warnings=("Dark",)),
        make_reading(
            gradings={
                Structure.NASAL_BONE: Grading(
                    Grade.ABNORMAL,
                    dict.fromkeys(Grade, 0.25),
                    (Grade.ABNORMAL, Grade.NORMAL),
                    basis=GradeBasis.EDITS,
                    disagrees_with=("a-norm",),
                )
            }
        ),
    ],
    ids=["plain", "nothing seen", "graded"],
)
def test_it_accepts_what_the_program_writes(reading: Reading) -> None:
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(json.loads(reading.to_json()))


@pytest.mark.parametrize("field", ["schema", "findings", "image", "bundle", "warnings"])
def test_it_rejects_a_document_without_a_field(field: str) -> None:
    document = json.loads(make_reading().to_json())
    del document[field]
    assert not jsonschema.Draft202012Validator(json.loads(schema_text())).is_valid(document)


def test_every_field_is_described_in_the_reference() -> None:
    schema = json.loads(schema_text())
    described = (REFERENCE / "reading.md").read_text(encoding="utf-8")
    objects = [schema, *schema["$defs"].values()]
    fields = {name for one in objects for name in one.get("properties", {})}
    assert {name for name in fields if f"`{name}`" not in described} == set()


def test_every_word_of_the_vocabulary_is_described_in_the_reference() -> None:
    described = (REFERENCE / "reading.md").read_text(encoding="utf-8")
    assert [word for word in (*STRUCTURES, *Grade) if f"`{word.value}`" not in described] == []
