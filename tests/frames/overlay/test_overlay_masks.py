"""What a machine draws is marked; echoes are not. On drawn frames here, on real ones where they are at hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from nonet.frame import Frame, Source, pixels_sha256
from nonet.frames import mark, open_frames
from nonet.frames.overlay import find_overlay, find_sector

DATA = Path(__file__).parents[4] / "shared/data/fetus-framework"
REFERENCE = Path(__file__).parents[1] / "data/overlay_reference.csv"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/fetus-framework")


def echoes(seed: int = 0) -> np.ndarray:
    """Speckle as scan conversion leaves it, ``uint8[400, 560]``, in a trapezium on black."""
    noise = np.random.default_rng(seed).standard_normal((2, 400, 560))
    field = np.hypot(*ndimage.gaussian_filter(noise, (0, 1.6, 3.0)))
    image = ndimage.gaussian_filter(40 * (np.log(field / field.mean() + 1e-3) + 2.5), (0.8, 1.6))
    return np.where(trapezium(), np.clip(image, 0, 255), 0).astype(np.uint8)


def trapezium() -> np.ndarray:
    picture = Image.new("1", (560, 400))
    ImageDraw.Draw(picture).polygon([(150, 30), (410, 30), (540, 380), (20, 380)], fill=1)
    return np.asarray(picture)


def drawn(paint: str, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pixels with something drawn on them, and where it was drawn."""
    picture, where = Image.fromarray(pixels), Image.new("L", (560, 400))
    for canvas, level in ((picture, 230), (where, 255)):
        pen = ImageDraw.Draw(canvas)
        if paint == "text":
            pen.text((6, 40), "Gn -3\nC7 / M15", fill=level)
            pen.text((240, 200), "Dist 0.117 cm", fill=level)
        elif paint == "callipers":
            for x, y in ((250, 180), (250, 215)):
                pen.line((x - 4, y, x + 4, y), fill=level)
                pen.line((x, y - 4, x, y + 4), fill=level)
        elif paint == "ruler":
            for y in range(20, 380, 40):
                pen.rectangle((8, y, 9, y + 1), fill=level)
        elif paint == "line":
            pen.line((480, 60, 480, 380), fill=level)
    return np.asarray(picture), np.asarray(where) > 128


def frame_of(pixels: np.ndarray, overlay: np.ndarray | None = None) -> Frame:
    return Frame(pixels, Source("PNG", "0" * 64), overlay=overlay)


@pytest.mark.parametrize("paint", ["text", "callipers", "ruler", "line"])
def test_what_is_drawn_is_marked(paint: str) -> None:
    pixels, where = drawn(paint, echoes())
    assert find_overlay(pixels)[where].mean() > 0.93


def test_echoes_are_not_marked() -> None:
    inside = ndimage.binary_erosion(trapezium(), iterations=3)
    assert find_overlay(echoes())[inside].mean() < 0.001


def test_a_mark_covers_little_more_than_itself() -> None:
    pixels, where = drawn("callipers", echoes())
    near = ndimage.binary_dilation(where, iterations=6)
    assert not (find_overlay(pixels) & ~near & ndimage.binary_erosion(trapezium(), iterations=3)).any()


def test_a_grey_bar_is_marked() -> None:
    pixels = echoes()
    pixels[60:180, 545:555] = np.linspace(250, 20, 120)[:, None]
    assert find_overlay(pixels)[60:160, 545:555].mean() > 0.95


@pytest.mark.parametrize("side", ["right", "left"])
def test_an_inset_is_marked_whole(side: str) -> None:
    pixels = echoes()
    pixels[285:, 430:] = 0
    pixels[285, 430:] = pixels[285:, 430] = 120
    pixels[310:390, 470:530] = echoes(1)[200:280, 200:260]
    inset = np.zeros(pixels.shape, np.bool_)
    inset[285:, 430:] = True
    if side == "left":
        pixels, inset = pixels[:, ::-1].copy(), inset[:, ::-1]
    marked = find_overlay(pixels)
    assert marked[inset].all()
    assert marked[~inset].mean() < 0.01


def test_a_header_panel_is_marked_whole_and_is_no_sector() -> None:
    pixels = echoes()
    pixels[:28] = np.linspace(45, 25, 28)[:, None]
    marked = mark(frame_of(pixels))
    assert marked.overlay is not None
    assert marked.sector is not None
    assert marked.overlay[:28].all()
    assert not marked.sector[:28].any()
    assert marked.overlay[40:].mean() < 0.01


def test_the_sector_is_the_shape_that_was_scanned() -> None:
    pixels, _ = drawn("text", echoes())
    sector = find_sector(pixels, find_overlay(pixels))
    shape = trapezium()
    assert (sector & shape).sum() / (sector | shape).sum() > 0.94


def test_fluid_in_the_sector_belongs_to_it() -> None:
    pixels = echoes()
    pixels[80:330, 180:380] = 3
    sector = find_sector(pixels, find_overlay(pixels))
    assert sector[80:330, 180:380].all()


def test_marking_fills_both_masks_and_changes_no_pixel() -> None:
    frame = frame_of(echoes())
    marked = mark(frame)
    assert pixels_sha256(marked.pixels) == pixels_sha256(frame.pixels)
    assert marked.overlay is not None
    assert marked.sector is not None
    again = mark(marked)
    np.testing.assert_array_equal(again.overlay, marked.overlay)
    np.testing.assert_array_equal(again.sector, marked.sector)


def test_what_was_drawn_in_colour_stays_marked() -> None:
    colour = np.zeros((400, 560), np.bool_)
    colour[200:220, 300:340] = True
    marked = mark(frame_of(echoes(), colour)).overlay
    assert marked is not None
    assert marked[colour].all()


@settings(max_examples=30, deadline=2000)
@given(height=st.integers(1, 70), width=st.integers(1, 70), seed=st.integers(0, 5), level=st.sampled_from([0, 9, 255]))
def test_a_frame_of_any_size_is_marked(height: int, width: int, seed: int, level: int) -> None:
    noise = np.random.default_rng(seed).integers(0, level + 1, (height, width))
    marked = mark(frame_of(noise.astype(np.uint8)))
    assert marked.overlay is not None
    assert marked.sector is not None
    assert marked.overlay.shape == marked.sector.shape == (height, width)


@needs_data
def test_text_on_real_frames_is_covered() -> None:
    """The held-out frames of the reference, text only; benchmarks/overlay.py measures the rest."""
    blocks = defaultdict(list)
    with REFERENCE.open() as table:
        for row in csv.DictReader(table):
            if row["set"] == "held-out" and row["kind"] == "text":
                area = np.s_[int(row["y1"]) : int(row["y2"]), int(row["x1"]) : int(row["x2"])]
                blocks[row["frame"]].append(area)
    covered = total = 0
    for name, areas in blocks.items():
        frame = next(open_frames(next(DATA.rglob(f"{name}.png"))))
        overlay = find_overlay(frame.pixels)
        for area in areas:
            block = frame.pixels[area]
            ink = block >= max(60.0, 0.6 * np.percentile(block, 99.5))
            covered += int((overlay[area] & ink).sum())
            total += int(ink.sum())
    assert total > 10_000
    assert covered / total > 0.96


@needs_data
def test_boxed_structures_on_real_frames_are_left_free() -> None:
    from nonet.anatomy import Structure
    from nonet.datasets import load

    data = load(DATA)
    images = data.boxed().images[::60]
    shares = defaultdict(list)
    for image in images:
        frame = mark(next(open_frames(image.path)))
        assert frame.overlay is not None
        assert frame.sector is not None
        for structure, box in data.boxes_of(image).items():
            area = np.s_[round(box.y1) : round(box.y2), round(box.x1) : round(box.x2)]
            shares[structure is Structure.NUCHAL_TRANSLUCENCY].append(frame.overlay[area].mean())
            assert frame.sector[area].mean() > 0.9
    assert np.mean(shares[False]) < 0.001
    assert np.mean(shares[True]) < 0.03
