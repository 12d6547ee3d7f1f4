"""The README and the docs hold: their code runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from command_here import nonet
from nonet import read
from nonet.anatomy import PlaneLabel

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data/fetus-framework"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").glob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
COMMAND = re.compile(
    r"\bnonet ((?:read|check|simulate|deidentify|features radiomics|features deep|evaluate detection|evaluate scope"
    r"|evaluate plane|evaluate visibility|evaluate labels|evaluate robustness|evaluate criteria|evaluate measurements"
    r"|evaluate ruler|adapt|study run|train detector|train embedder"
    r"|model show|model verify|model import|node serve|node check|node status|node http|node mercure"
    r"|watch)\b)([^`\n|]*)"
)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks() -> list[tuple[str, str]]:
    return [(named(page), block) for page in PAGES for block in PYTHON.findall(page.read_text())]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "block"), blocks())
def test_python_blocks_run(page: str, block: str, tmp_path: Path) -> None:
    if "fetus-framework" in block and not DATA.exists():
        pytest.skip("needs ../shared/data")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "fetus-framework").symlink_to(DATA)
    (tmp_path / "set2.csv").symlink_to(ROOT / "benchmarks/results/detection-set2.csv")
    run = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{page}: {run.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.slow
def test_every_option_that_the_pages_name_exists() -> None:
    named_options: dict[str, set[str]] = {}
    for page in PAGES:
        for command, rest in COMMAND.findall(page.read_text()):
            named_options.setdefault(command, set()).update(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest))
    assert len(named_options) >= 5
    for command, options in named_options.items():
        shown = nonet(*command.split(), "--help")
        assert shown.returncode == 0, shown.stderr
        assert {option for option in options if option not in shown.stdout} == set(), command


def test_the_readme_starts_with_the_two_commands() -> None:
    assert "```console\nmake read\nmake test\n```" in (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_the_examples_pass_as_the_first_page_says() -> None:
    page = " ".join((ROOT / "docs/getting-started/first-reading.md").read_text().split())
    assert "All ten example frames pass as standard planes" in page
    labels = [reading.plane_quality.label for reading in read(ROOT / "examples") if reading.plane_quality]
    assert labels == [PlaneLabel.STANDARD] * 10
