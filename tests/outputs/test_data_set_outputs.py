"""What ``coco`` and ``yolo`` write is read back by Nonet's own readers, boxes within half a pixel."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_readings import make_reading, noise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import load
from nonet.frame import Frame, Source
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.output import Entry
from nonet.outputs.registry import OUTPUTS
from nonet.reading import Reading


def write(kind: str, folder: Path, readings: dict[str, Reading]) -> Path:
    output = OUTPUTS[kind](folder)
    for name, reading in readings.items():
        pixels = noise(width=reading.image.width, height=reading.image.height)
        output.write_frame(name, FrameResult(Frame(pixels, Source("PNG", "0" * 64)), reading))
    output.write_folder([Entry(name, reading) for name, reading in readings.items()], [])
    return folder / kind


def boxes_of(reading: Reading) -> dict[Structure, tuple[float, ...]]:
    return {finding.structure: finding.box.xyxy for finding in reading.findings if finding.box}


@pytest.mark.parametrize("kind", ["coco", "yolo"])
@given(st.sets(st.sampled_from(STRUCTURES)))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_boxes_come_back_within_half_a_pixel_and_what_was_not_seen_stays_unseen(
    kind: str, tmp_path_factory: pytest.TempPathFactory, seen: set[Structure]
) -> None:
    readings = {"p/a.png": make_reading(visible=tuple(seen)), "p/b.dcm.frame-0001": make_reading()}
    folder = write(kind, tmp_path_factory.mktemp("out"), readings)
    data = load(folder)
    assert [problem for problem in data.problems if problem.severity == "error"] == []
    assert len(data.images) == 2
    for name, reading in readings.items():
        (image,) = [image for image in data.images if image.path == folder / "images" / f"{name}.png"]
        found = {structure: box.xyxy for structure, box in data.boxes_of(image).items()}
        assert found.keys() == boxes_of(reading).keys()
        for structure, edges in boxes_of(reading).items():
            assert found[structure] == pytest.approx(edges, abs=0.5)


def test_coco_lists_what_was_looked_for_and_not_seen(tmp_path: Path) -> None:
    folder = write("coco", tmp_path, {"a.png": make_reading(visible=STRUCTURES[:8])})
    assert '"nasal bone"' in (folder / "annotations.json").read_text().split('"not_visible"')[1].split("]")[0]
