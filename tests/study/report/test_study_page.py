"""The page holds all it shows, asks for nothing, and nothing in the data can become markup."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from html_reading import Reader, section
from study_run_folders import FRAMES, FRAMES_PLAN, GRADES, STRUCTURES_PLAN, make_run, write_figures

from nonet.errors import DatasetError, SettingsError
from nonet.study.report import write_report

if TYPE_CHECKING:
    from conftest import Made

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)> ${}\\bad$ \u202e\x1b[31m\u4e2d"
REFERRING = {"src", "href", "xlink:href", "data", "action", "poster", "srcset", "formaction"}


def test_the_page_refers_to_nothing_but_itself(made: Made) -> None:
    for tag, attributes in Reader(made.page).elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style", "the page's policy would drop it"
            if name in REFERRING:
                assert value and value.startswith("#")
    assert not re.search(r"https?:|//|@import|url\((?!#)", made.page.replace("'none'", ""))


def test_the_policy_allows_its_style_alone(made: Made) -> None:
    style = re.search(r"<style>(.*?)</style>", made.page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', made.page)
    assert style and policy
    assert made.page.count("<style") == 1
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert html.unescape(policy[1]).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_every_element_is_closed_and_every_name_is_one_of_a_kind(made: Made) -> None:
    read = Reader(made.page)
    names = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {attributes["href"] for _, attributes in read.elements if "href" in attributes}
    targets |= set(re.findall(r'="url\((#[^)]*)\)"', made.page))
    assert targets <= {f"#{name}" for name in names}


def test_every_drawing_is_xml_that_says_what_it_shows(made: Made) -> None:
    drawings = re.findall(r"<svg.*?</svg>", made.page, re.DOTALL)
    spoken = []
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.tag == "svg"
        if root.get("aria-hidden") != "true":
            assert root.get("role") == "img"
            spoken.append(root.get("aria-label"))
    assert [words.split(" ")[0] for words in spoken if words] == ["Flow", "ROC", "Calibration;", "Forest"]


def test_words_in_charts_are_words(of_frames: Made) -> None:
    for name, word in (("curves", "1 − specificity"), ("parts", "without Philips")):
        assert f">{word}</text>" in section(of_frames.page, name)


@pytest.mark.slow
def test_the_same_files_give_the_same_page(made: Made, tmp_path: Path) -> None:
    for name in ("study.toml", "figures.json", "predictions.csv"):
        shutil.copy(made.folder / name, tmp_path / name)
    code = (
        f"from pathlib import Path; from nonet.study.report import write_report; write_report(Path({str(tmp_path)!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == made.page
    assert not list(tmp_path.glob("*.tmp"))


def test_no_place_on_this_machine_is_reported(of_frames: Made) -> None:
    assert str(of_frames.folder) not in of_frames.page
    assert "/private/place" not in of_frames.page


def test_hostile_words_are_only_words(tmp_path: Path) -> None:
    toml = HOSTILE.encode("unicode_escape").decode().replace("\\x1b", "\\u001b").replace('"', '\\"')
    plan = FRAMES_PLAN.replace("plane of frames", toml).replace("another salt", toml).replace("a bundle", toml)
    plan = plan.replace('"layout alone"', f'"layout {toml}"').replace("radiomics = [", f'"{toml}" = [')
    classes = (f"a{HOSTILE}", f"b{HOSTILE}")
    words = replace(
        FRAMES,
        classes=classes,
        positive=classes[1],
        devices=("GE", f"d{HOSTILE}"),
        centres=("here", f"c{HOSTILE}"),
        image="{}" + HOSTILE.replace("{}", ""),
        reason=HOSTILE,
    )
    page = _page_of(tmp_path, plan, words)
    assert "<script" not in page
    assert "<img" not in page
    assert "onerror=alert(2)&gt;" in page
    assert not re.search("[\u202e\x1b]", page)
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)
    assert {tag for tag, _ in Reader(page).elements}.isdisjoint({"script", "img"})


def test_hostile_structures_and_sources_are_only_words(tmp_path: Path) -> None:
    figures = make_run(tmp_path, STRUCTURES_PLAN, replace(GRADES, centres=("one", HOSTILE)), frames=60)
    for one in figures["selection"]["stable"]:
        one["family"] = HOSTILE
    for one in figures["selection"]["chosen"]["fusion"]:
        one["feature"] = one["structure"] = HOSTILE
    figures["bundle"]["name"] = figures["bundle"]["sha256"] = HOSTILE
    figures["models"][0]["setting"][HOSTILE] = 1.0
    write_figures(tmp_path, figures)
    write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<img|[\u202e\x1b]", page)
    Reader(page)


@pytest.mark.parametrize("name", ["study.toml", "figures.json", "predictions.csv"])
@pytest.mark.parametrize("damage", ["gone", "other"])
def test_a_file_that_is_not_there_or_another_is_named(of_frames: Made, tmp_path: Path, name: str, damage: str) -> None:
    for each in ("study.toml", "figures.json", "predictions.csv"):
        shutil.copy(of_frames.folder / each, tmp_path / each)
    (tmp_path / name).unlink()
    if damage == "other":
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises((DatasetError, SettingsError), match=re.escape(name)):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_a_plan_that_changed_since_is_reported(of_frames: Made, tmp_path: Path) -> None:
    for each in ("study.toml", "figures.json", "predictions.csv"):
        shutil.copy(of_frames.folder / each, tmp_path / each)
    with (tmp_path / "study.toml").open("a", encoding="utf-8") as file:
        file.write("# a word more\n")
    write_report(tmp_path)
    said = "not the one these figures were made by"
    assert said in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert said not in of_frames.page


@pytest.mark.slow
def test_charts_are_loaded_only_for_a_report() -> None:
    code = "import sys, nonet, nonet.cli; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys; from nonet.study.report import write_report; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def _page_of(folder: Path, plan: str, words: object) -> str:
    make_run(folder, plan, words)  # type: ignore[arg-type]
    write_report(folder)
    return (folder / "report.html").read_text(encoding="utf-8")
