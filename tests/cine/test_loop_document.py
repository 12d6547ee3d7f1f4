"""The loop document: its schema is published and described, and what is written can be read again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from loop_readings import sweep
from nonet.cine import Loop, Taken, loop_of
from nonet.cine.schema import schema_text
from nonet.errors import LoopError

REFERENCE = Path(__file__).parents[2] / "docs/reference"
PUBLISHED = REFERENCE / "loop.schema.json"


@pytest.fixture(scope="module")
def loop() -> Loop:
    return loop_of(sweep(20), None, best=2)


def test_the_published_schema_is_what_the_command_prints() -> None:
    run = subprocess.run([sys.executable, "-m", "nonet.cine.schema"], capture_output=True, check=True)
    assert run.stdout == PUBLISHED.read_bytes()


def test_it_accepts_what_the_program_writes(loop: Loop) -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(loop.to_json()))


@pytest.mark.parametrize("field", ["schema", "frames", "tracks", "best", "bundle"])
def test_it_rejects_a_document_without_a_field(loop: Loop, field: str) -> None:
    document = json.loads(loop.to_json())
    del document[field]
    assert not jsonschema.Draft202012Validator(json.loads(schema_text())).is_valid(document)
    with pytest.raises(LoopError):
        Loop.from_json(json.dumps(document))


def test_a_document_comes_back_without_pixels_and_readings(loop: Loop) -> None:
    again = Loop.from_json(loop.to_json())
    assert again == loop
    assert again.to_json() == loop.to_json()
    assert again.best[0].reading is None
    assert loop.best[0].reading is not None


def test_it_holds_no_path_and_no_file_name(loop: Loop) -> None:
    assert "path" not in loop.to_json()
    assert str(Path.cwd()) not in loop.to_json()


def test_every_field_is_described_in_the_reference() -> None:
    schema = json.loads(schema_text())
    described = (REFERENCE / "loop.md").read_text(encoding="utf-8")
    described += (REFERENCE / "reading.md").read_text(encoding="utf-8")
    objects = [schema, *schema["$defs"].values()]
    fields = {name for one in objects for name in one.get("properties", {})}
    assert {name for name in fields if f"`{name}`" not in described} == set()
    assert [how.value for how in Taken if f"`{how.value}`" not in described] == []


def test_it_says_itself_in_one_line(loop: Loop) -> None:
    assert repr(loop).startswith("<Loop of 20 frames: 20 read, 0 followed, 0 boxed, 0 copied; best: ")
