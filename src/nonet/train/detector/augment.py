"""Random changes of a training frame that ultrasound allows: pose, machine, marks; never upside down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from nonet.train.detector.appearance import other_appearance, other_sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.head_frame import HeadFrame
    from nonet.train.detector.recipe import Augmentation

__all__ = ["augment"]

_MIN_VISIBLE = 0.6
"""A box of which less than this share stays on the canvas is treated as unboxed."""
_MIN_INSIDE = 0.9
"""So is one of which less than this share lies in another sector: its edges are not cut to it."""


def augment(
    pixels: NDArray[np.uint8],
    edges: NDArray[np.float32],
    width: int,
    height: int,
    ranges: Augmentation,
    rng: np.random.Generator,
    head: HeadFrame | None = None,
    head_scale: float = 1.0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A changed canvas ``float32[height, width]`` in 0 to 1 and edges ``float32[9, 4]`` on it.

    Parameters
    ----------
    pixels, edges
        The frame ``uint8[H, W]`` and the boxes on it ``float32[9, 4]``, NaN where unboxed.
    width, height
        Of the canvas.
    ranges
        How much may change.
    rng
        Draws the changes.
    head
        The frame's head frame, where it is known: some frames are then shown as the second pass sees them.
    head_scale
        Pixels of the canvas to a pixel of the head frame.
    """
    view = head if head is not None and rng.random() < ranges.head_probability else None
    if view:
        fit, middle = view.scale * head_scale, view.middle
    else:
        fit = min(width / pixels.shape[1], height / pixels.shape[0])
        middle = pixels.shape[1] / 2, pixels.shape[0] / 2
    edges = np.vstack([edges, np.array([*middle, *middle], np.float32)])  # what is to be the middle moves along
    if view.mirrored if view else rng.random() < 0.5:
        pixels, edges = _mirror(pixels, edges)
    if rng.random() < ranges.rotation_probability:
        pixels, edges = _rotate(pixels, edges, rng.uniform(-1, 1) * ranges.rotation_degrees)
    scale, shift = _pose(ranges, rng, as_second_pass=view is not None)
    canvas, edges = _zoom(pixels, edges[:-1], (width, height), edges[-1, :2], fit * scale, shift)
    if ranges.crop_probability and rng.random() < ranges.crop_probability:
        edges = _cut_to(other_sector(canvas.shape, rng), canvas, edges)
    if ranges.appearance_probability and rng.random() < ranges.appearance_probability:
        canvas = _elsewhere(canvas, rng)
    canvas = _machine(canvas, ranges, rng)
    if rng.random() < ranges.shadow_probability:
        canvas *= _shadow(canvas.shape, rng)
    if rng.random() < ranges.cutout_probability:
        _cut_out(canvas, rng)
    if rng.random() < ranges.marks_probability:
        canvas = _marks(canvas, rng)
    return np.clip(canvas, 0, 1, out=canvas), edges


def _mirror(pixels: NDArray[np.uint8], edges: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    width = pixels.shape[1]
    flipped = edges[:, [2, 1, 0, 3]].copy()
    flipped[:, [0, 2]] = width - flipped[:, [0, 2]]
    return pixels[:, ::-1], flipped


def _rotate(
    pixels: NDArray[np.uint8], edges: NDArray[np.float32], degrees: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Turn about the middle; a box becomes the bounds of its turned inscribed ellipse."""
    height, width = pixels.shape
    turned = np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BILINEAR))
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    middle = np.array([width / 2, height / 2])
    centre = (edges[:, :2] + edges[:, 2:]) / 2 - middle
    centre = np.stack([centre[:, 0] * cosine + centre[:, 1] * sine, centre[:, 1] * cosine - centre[:, 0] * sine], 1)
    size = edges[:, 2:] - edges[:, :2]
    half = (
        np.stack(
            [np.hypot(size[:, 0] * cosine, size[:, 1] * sine), np.hypot(size[:, 0] * sine, size[:, 1] * cosine)], 1
        )
        / 2
    )
    return turned, np.concatenate([centre + middle - half, centre + middle + half], axis=1).astype(np.float32)


def _pose(ranges: Augmentation, rng: np.random.Generator, as_second_pass: bool) -> tuple[float, NDArray[np.floating]]:
    """How much larger than usual the frame is shown, and how far off its middle, as shares of the canvas."""
    if as_second_pass:
        scales, most = ranges.head_scale, ranges.head_shift
    else:
        elsewhere = ranges.zoom_probability and rng.random() < ranges.zoom_probability
        scales, most = ranges.zoom if elsewhere else ranges.scale, ranges.shift
    return float(np.exp(rng.uniform(*np.log(scales)))), rng.uniform(-1, 1, 2) * most


def _zoom(
    pixels: NDArray[np.uint8],
    edges: NDArray[np.float32],
    size: tuple[int, int],
    middle: NDArray[np.floating],
    scale: float,
    shift: NDArray[np.floating],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A canvas about a middle, at so many of its pixels to one of the frame; what leaves it is cut off."""
    frame_height, frame_width = pixels.shape
    width, height = size
    span = np.array([width, height]) / scale
    corner = middle - span / 2 + shift * span
    visible = (*np.maximum(corner, 0), *np.minimum(corner + span, [frame_width, frame_height]))
    target = np.round((np.array(visible) - [*corner, *corner]) * scale).astype(int)
    shown = (int(max(target[2] - target[0], 1)), int(max(target[3] - target[1], 1)))
    inner = Image.fromarray(pixels).resize(shown, Image.Resampling.BILINEAR, box=visible)
    canvas = np.zeros((height, width), np.float32)
    part = canvas[target[1] : target[1] + shown[1], target[0] : target[0] + shown[0]]
    part[...] = np.asarray(inner, np.float32)[: part.shape[0], : part.shape[1]] / 255
    return canvas, _clipped(((edges - [*corner, *corner]) * scale).astype(np.float32), width, height)


def _clipped(edges: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    inside = np.clip(edges, 0, np.array([width, height, width, height], np.float32))
    area = np.prod(edges[:, 2:] - edges[:, :2], axis=1)
    inside[np.prod(inside[:, 2:] - inside[:, :2], axis=1) < _MIN_VISIBLE * area] = np.nan
    return inside


def _cut_to(inside: NDArray[np.bool_], canvas: NDArray[np.float32], edges: NDArray[np.float32]) -> NDArray[np.float32]:
    """Black out what lies outside; the edges, without the boxes of which too little is left."""
    canvas *= inside
    left = edges.copy()
    for place in np.flatnonzero(np.isfinite(edges[:, 0])):
        x1, y1, x2, y2 = (round(float(edge)) for edge in edges[place])
        if inside[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)].mean() < _MIN_INSIDE:
            left[place] = np.nan
    return left


def _elsewhere(canvas: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    pixels = np.rint(np.clip(canvas, 0, 1) * 255).astype(np.uint8)
    return other_appearance(pixels, rng).astype(np.float32) / np.float32(255)


def _machine(canvas: NDArray[np.float32], ranges: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """Gain, gamma, resolution and noise of another machine; black stays black."""
    if rng.random() < ranges.blur_probability:
        canvas = ndimage.gaussian_filter(canvas, (rng.uniform(0, 0.8), rng.uniform(0, 1.4)))
    image = canvas > 0
    canvas = np.power(
        np.clip(canvas * np.float32(rng.uniform(*ranges.gain)), 0, 1), np.float32(rng.uniform(*ranges.gamma))
    )
    noise = rng.standard_normal(canvas.shape, np.float32)
    noisy: NDArray[np.float32] = canvas + noise * np.float32(rng.uniform(0, ranges.noise)) * (0.2 + canvas) * image
    return noisy


def _shadow(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """A dark band from top to bottom, as behind bone or gas."""
    columns = np.arange(shape[1], dtype=np.float32) - rng.uniform(0, shape[1])
    lean = np.arange(shape[0], dtype=np.float32)[:, None] * np.float32(rng.uniform(-0.3, 0.3))
    width = rng.uniform(0.02, 0.12) * shape[1]
    depth = np.float32(rng.uniform(0.2, 0.7))
    return (1 - depth * np.exp(-(((columns - lean) / width) ** 2))).astype(np.float32)


def _cut_out(canvas: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Replace a small patch by its own mean, as an eraser leaves it."""
    for _ in range(int(rng.integers(1, 4))):
        height, width = (int(v) for v in rng.integers(6, 40, 2))
        row, column = int(rng.integers(0, canvas.shape[0] - height)), int(rng.integers(0, canvas.shape[1] - width))
        patch = canvas[row : row + height, column : column + width]
        patch[...] = ndimage.gaussian_filter(patch, 4, mode="nearest")


def _marks(canvas: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Callipers and text anywhere, so that neither tells where a structure is."""
    picture = Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 5))):
        x, y, arm = rng.uniform(0, canvas.shape[1]), rng.uniform(0, canvas.shape[0]), rng.uniform(2, 6)
        level = int(rng.integers(140, 256))
        draw.line([(x - arm, y), (x + arm, y)], fill=level)
        draw.line([(x, y - arm), (x, y + arm)], fill=level)
    if rng.random() < 0.5:
        text = f"D{rng.integers(1, 4)} {rng.uniform(0.05, 6):.2f}cm"
        place_at = (rng.uniform(0, canvas.shape[1] * 0.8), rng.uniform(0, canvas.shape[0] * 0.95))
        draw.text(
            place_at, text, fill=int(rng.integers(140, 256)), font=ImageFont.load_default(float(rng.uniform(8, 16)))
        )
    return np.asarray(picture, np.float32) / np.float32(255)
