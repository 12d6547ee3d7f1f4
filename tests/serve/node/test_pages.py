"""The reference pages of the node say what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from nonet.serve.node.config import Config, Destination, Health, Limits, Retry, Tls
from nonet.serve.node.jobs import JobState
from nonet.serve.node.node import STOP_SECONDS
from nonet.serve.node.sop_classes import Status

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/node.md").read_text()
HOW_TO = (ROOT / "docs/how-to/connect-a-pacs.md").read_text()
SUBTABLES = {"limits", "retry", "tls", "health"}


@pytest.mark.parametrize("kind", [Config, Destination, Limits, Retry, Tls, Health])
def test_every_key_is_in_the_page_with_its_default(kind: type) -> None:
    for one in fields(kind):
        if one.name in SUBTABLES:
            assert f"[{one.name}]" in PAGE
            continue
        assert f"`{one.name}`" in PAGE
        if isinstance(one.default, int | float) and not isinstance(one.default, bool):
            assert f"| `{one.name}` | {one.default} |" in PAGE


def test_every_state_and_status_is_in_the_pages() -> None:
    conformance = (ROOT / "docs/reference/conformance.md").read_text()
    assert [state for state in JobState if f"| `{state}` |" not in PAGE] == []
    assert [status for status in Status if f"`{status:04X}`" not in conformance] == []


@pytest.mark.slow
def test_the_conformance_statement_is_what_the_code_says() -> None:
    script = "import sys; sys.path.insert(0, 'tools'); import conformance; sys.stdout.write(conformance.render())"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == (ROOT / "docs/reference/conformance.md").read_text()


def test_the_unit_leaves_a_stop_its_time_and_starts_beside_a_pacs_that_is_down() -> None:
    unit = (ROOT / "deploy/nonet-node.service").read_text()
    assert float(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) >= STOP_SECONDS + 30
    assert f"--stop-timeout={STOP_SECONDS + 60:g}" in (ROOT / "deploy/Containerfile").read_text()
    assert f"gives what is in hand {STOP_SECONDS:g} seconds" in HOW_TO
    assert "ExecStartPre" not in unit


def test_the_unit_and_the_how_to_hand_over_the_key_in_the_same_way() -> None:
    unit, example = ((ROOT / "deploy" / name).read_text() for name in ("nonet-node.service", "node.toml"))
    assert "LoadCredential=node.key:/etc/nonet/node.key" in unit
    assert "\nLoadCredential=node.key:/etc/nonet/node.key" in HOW_TO
    key = 'key = "/run/credentials/nonet-node.service/node.key"'
    assert key in unit
    assert key in example
    assert key in HOW_TO


def test_the_lock_file_pins_what_the_project_requires() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {Requirement(line).name.lower() for line in
              (*project["dependencies"], *project["optional-dependencies"]["node"])}  # fmt: skip
    lines = (ROOT / "deploy/requirements.lock").read_text().splitlines()[1:]
    pinned = {line.partition("==")[0] for line in lines}
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][^ ]*", line) for line in lines)
    assert wanted - pinned == set()
