"""The tables in the docs say what the result files say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "<!-- table:" in page.read_text()]


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tools/tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_what_its_result_files_make_of_it(page: Path, tables: ModuleType) -> None:
    assert tables.render(page.read_text()) == page.read_text()


def test_there_are_pages_with_tables() -> None:
    assert PAGES


def test_a_figure_typed_by_hand_would_be_seen(tables: ModuleType) -> None:
    page = PAGES[0].read_text()
    forged = page.replace("| thalami |", "| thalami | 1.00 ")
    assert tables.render(forged) == page != forged
