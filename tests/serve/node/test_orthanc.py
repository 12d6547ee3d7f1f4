"""A real Orthanc routes a study to the node by the how-to's script, and gets report, boxes and pictures back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/how-to/connect-a-pacs.md"
ALONE = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def may_have_a_network_of_its_own() -> bool:
    return os.name == "posix" and shutil.which("unshare") is not None and _runs([*ALONE, "true"])


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Orthanc") is None, reason="needs Orthanc (apt-get install orthanc orthanc-dicomweb)")
@pytest.mark.skipif(not may_have_a_network_of_its_own(), reason="needs leave to make a network namespace (unshare -n)")
def test_orthanc_sends_a_study_and_finds_the_results(tmp_path: Path) -> None:
    script = Path(__file__).with_name("orthanc_round.py")
    run = subprocess.run(
        [*ALONE, sys.executable, str(script), str(tmp_path), str(PAGE)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert {"SR", "PR", "US"} <= set(found["modalities"])
    assert found["studies"] == 2
    assert found["fetched"]
    assert found["sources_unchanged"]
    assert found["pixels_by_wado"] == [True, True]
    assert found["node"] == {"done": 2}
    assert found["instances"] == 12
    assert found["received"] >= 4
