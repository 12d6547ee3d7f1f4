"""What outputs make of a loop: a picture, a page that asks for nothing, tracks in CVAT's form."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from loop_readings import HEIGHT, WIDTH, frames_of, sweep
from nonet.anatomy import STRUCTURES, Structure
from nonet.cine import loop_of
from nonet.outputs.cvat import CvatOutput
from nonet.outputs.loop_page import MOST_PICTURES
from nonet.outputs.loop_result import LoopResult, is_loop
from nonet.outputs.output import Entry
from nonet.outputs.page import PageOutput
from nonet.outputs.palette import MARKS
from nonet.outputs.picture.picture_output import PictureOutput

NODE = shutil.which("node")


def result_of(frames: int) -> LoopResult:
    readings = sweep(frames)
    return LoopResult(loop_of(readings, None, best=3), lambda: iter(frames_of(readings)))


@pytest.fixture(scope="module")
def result() -> LoopResult:
    return result_of(30)


def test_a_dicom_of_many_frames_is_a_loop_and_a_still_is_none() -> None:
    many, one = frames_of(sweep(30)), frames_of(sweep(1))
    assert is_loop(many[0])
    assert not is_loop(one[0])


def test_the_picture_shows_the_best_frames_and_the_chart(result: LoopResult, tmp_path: Path) -> None:
    output = PictureOutput(tmp_path)
    output.write_loop("a", result)
    with Image.open(tmp_path / "a.loop.picture.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape[1] == 1600
    for mark in MARKS.values():  # chips and bars
        colour = np.array([int(mark.colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert (pixels == colour).all(axis=2).sum() > 200
    assert output.loop_files_of("a") == (tmp_path / "a.loop.picture.png",)


def test_the_picture_of_a_loop_without_a_best_frame_has_the_chart_alone(tmp_path: Path) -> None:
    readings = sweep(12)
    PictureOutput(tmp_path).write_loop("a", LoopResult(loop_of(readings, None, best=0), lambda: iter(())))
    with Image.open(tmp_path / "a.loop.picture.png") as picture:
        assert picture.height < 700


def page_of(result: LoopResult, folder: Path) -> str:
    PageOutput(folder).write_loop("a", result)
    return (folder / "a.loop.html").read_text()


def test_the_page_holds_every_frame_and_asks_for_nothing(result: LoopResult, tmp_path: Path) -> None:
    text = page_of(result, tmp_path)
    assert len(re.findall(r'id="picture-[0-9]+"', text)) == 30
    assert "default-src 'none'; img-src data:" in html.unescape(text)
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "https://" not in text


def test_a_long_loop_has_a_picture_of_every_second_frame(tmp_path: Path) -> None:
    text = page_of(result_of(MOST_PICTURES + 10), tmp_path)
    assert MOST_PICTURES / 2 <= len(re.findall(r'id="picture-[0-9]+"', text)) < MOST_PICTURES


def test_the_same_loop_gives_the_same_page(result: LoopResult, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert page_of(result, tmp_path) == page_of(result, tmp_path / "b")


def test_the_page_of_all_frames_links_to_the_loop(result: LoopResult, tmp_path: Path) -> None:
    output, readings = PageOutput(tmp_path), sweep(3)
    page_of(result, tmp_path)
    entries = [Entry(f"a.frame-{number:04d}", one) for number, one in enumerate(readings)]
    output.write_folder([*entries, Entry("b.frame-0000", readings[0])], [])
    text = (tmp_path / "index.html").read_text()
    assert '<a href="a.loop.html">a</a>' in text
    assert "b.loop.html" not in text


DRIVER = Path(__file__).with_name("player_driver.js")
"""Stands for a browser: elements that remember what is said to them, and how they are clicked."""


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_player_goes_to_the_best_frame_and_to_where_one_clicks(result: LoopResult, tmp_path: Path) -> None:
    text = page_of(result, tmp_path)
    blocks = dict(re.findall(r'<script type="[a-z/]+" id="([a-z0-9-]+)">(.*?)</script>', text))
    script = text.rsplit("<script>", 1)[1].split("</script>")[0]
    path = tmp_path / "run.js"
    driver, said = DRIVER.read_text().split("/* what is asked */")
    blocks_said = f"const blocks = {json.dumps(blocks)};"
    path.write_text("\n".join([blocks_said, driver, script.replace('"use strict";', ""), said]))
    run = subprocess.run([str(NODE), str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    best = result.loop.best[0].number
    assert found["told"][0].startswith(f"Frame {best + 1} of 30: plane 0.9")
    assert found["told"][1].startswith("Frame 30 of 30")
    assert found["told"][2].startswith("Frame 1 of 30")
    assert (found["best"], found["seen"]) == (3, 9)


def test_tracks_go_out_in_cvats_form(result: LoopResult, tmp_path: Path) -> None:
    output = CvatOutput(tmp_path)
    output.write_loop("a", result)
    root = ElementTree.parse(tmp_path / "a.tracks.xml").getroot()
    assert root.findtext("version") == "1.1"
    assert root.findtext("meta/task/size") == "30"
    assert (root.findtext("meta/task/original_size/width"), root.findtext("meta/task/original_size/height")) == (
        str(WIDTH),
        str(HEIGHT),
    )
    assert {one.get("label") for one in root.findall("track")} == {name.label for name in STRUCTURES}
    for track in result.loop.tracks:
        found = next(one for one in root.findall("track") if one.get("label") == track.structure.label)
        shown = [int(box.get("frame", "")) for box in found.findall("box") if box.get("outside") == "0"]
        assert shown == [box.number for box in track.boxes]
    thalami = next(one for one in root.findall("track") if one.get("label") == Structure.THALAMI.label)
    last = thalami.findall("box")[-1]
    assert (last.get("outside"), int(last.get("frame", ""))) == ("1", result.loop.tracks[0].boxes[-1].number + 1)


def test_a_still_has_no_tracks(tmp_path: Path) -> None:
    assert CvatOutput(tmp_path).declines(sweep(1)[0].source) == "a single frame, which has no tracks"
