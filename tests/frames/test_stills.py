"""PNG, JPEG, TIFF, BMP and WebP become grey frames, whatever form their samples have."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.errors import InputTooLarge, NotAnImage
from nonet.frame import Frame, SpacingSource, luma
from nonet.frames import Limits, open_frames


def only(path: Path, **options: object) -> Frame:
    (frame,) = open_frames(path, **options)  # type: ignore[arg-type]
    return frame


@pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.bmp", "BMP"), ("a.tif", "TIFF")])
def test_a_lossless_grey_file_keeps_its_pixels(tmp_path: Path, ramp: np.ndarray, name: str, form: str) -> None:
    Image.fromarray(ramp).save(tmp_path / name)
    frame = only(tmp_path / name)
    np.testing.assert_array_equal(frame.pixels, ramp)
    assert (frame.source.format, frame.source.frame, frame.source.frames) == (form, 0, 1)
    assert frame.source.file_sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.webp"])
def test_colour_becomes_luma(tmp_path: Path, colours: np.ndarray, name: str) -> None:
    Image.fromarray(colours).save(tmp_path / name, lossless=True)
    np.testing.assert_array_equal(only(tmp_path / name).pixels, luma(colours))


def test_a_colour_file_and_its_grey_copy_are_the_same_frame(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(np.stack([ramp] * 3, axis=-1)).save(tmp_path / "rgb.png")
    Image.fromarray(ramp).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(only(tmp_path / "rgb.png").pixels, only(tmp_path / "grey.png").pixels)


def test_a_jpeg_decodes_to_what_pillow_sees(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(80)).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(only(tmp_path / "a.jpg").pixels.astype(int) - smooth).max() <= 3


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_keep_their_high_eight(tmp_path: Path, name: str) -> None:
    deep = (np.arange(48 * 64) * 21).astype(np.uint16).reshape(48, 64)
    Image.fromarray(deep).save(tmp_path / name)
    np.testing.assert_array_equal(only(tmp_path / name).pixels, (deep >> 8).astype(np.uint8))


def test_sixteen_bits_with_white_as_zero_are_inverted(tmp_path: Path) -> None:
    deep = (np.arange(48 * 64) * 21).astype(np.uint16).reshape(48, 64)
    Image.fromarray(deep).save(tmp_path / "a.tif", tiffinfo={262: 0})
    np.testing.assert_array_equal(only(tmp_path / "a.tif").pixels, 255 - (deep >> 8).astype(np.uint8))


def test_a_palette_is_looked_up(tmp_path: Path, ramp: np.ndarray) -> None:
    picture = Image.fromarray(ramp).convert("P")
    picture.putpalette([channel for level in range(256) for channel in (255 - level,) * 3])
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(only(tmp_path / "a.png").pixels, 255 - ramp)


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    checks = np.indices((48, 64)).sum(axis=0) % 2 == 0
    Image.fromarray(checks).save(tmp_path / "a.png")
    np.testing.assert_array_equal(only(tmp_path / "a.png").pixels, checks * np.uint8(255))


def test_what_is_transparent_shows_black(tmp_path: Path, ramp: np.ndarray) -> None:
    alpha = np.where(np.arange(64) < 32, 255, 0).astype(np.uint8) * np.ones((48, 1), np.uint8)
    Image.fromarray(np.dstack([ramp, ramp, ramp, alpha]), "RGBA").save(tmp_path / "a.png")
    pixels = only(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels[:, :32], ramp[:, :32])
    assert not pixels[:, 32:].any()


def test_cmyk_becomes_grey_of_its_colours(tmp_path: Path) -> None:
    ink = np.zeros((48, 64, 4), np.uint8)
    ink[:, 32:, 3] = 255
    Image.fromarray(ink, "CMYK").save(tmp_path / "a.jpg", quality=95)
    pixels = only(tmp_path / "a.jpg").pixels
    assert pixels[:, :24].min() > 250
    assert pixels[:, 40:].max() < 5


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_an_orientation_is_applied(tmp_path: Path, name: str) -> None:
    upright = np.zeros((40, 60), np.uint8)
    upright[:20] = 200
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(upright)).save(tmp_path / name, exif=exif)
    pixels = only(tmp_path / name).pixels
    assert pixels.shape == (40, 60)
    assert pixels[:16].min() > 190
    assert pixels[24:].max() < 10


def test_each_page_of_a_tiff_is_a_frame(tmp_path: Path, ramp: np.ndarray) -> None:
    pages = [ramp, ramp[::-1], ramp[:24]]
    first, *others = [Image.fromarray(page) for page in pages]
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    frames = list(open_frames(tmp_path / "a.tif"))
    assert [(frame.source.frame, frame.source.frames) for frame in frames] == [(0, 3), (1, 3), (2, 3)]
    for frame, page in zip(frames, pages, strict=True):
        np.testing.assert_array_equal(frame.pixels, page)


def test_of_an_animation_the_first_picture_is_read_and_the_frame_says_so(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(
        tmp_path / "a.webp", save_all=True, append_images=[Image.fromarray(255 - ramp)], lossless=True
    )
    frame = only(tmp_path / "a.webp")
    np.testing.assert_array_equal(frame.pixels, ramp)
    assert frame.warnings == ("The file holds 2 pictures; the first is read",)


def test_samples_without_a_range_of_grey_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((48, 64), np.float32)).save(tmp_path / "a.tif")
    with raised(NotAnImage, found="no range of grey"):
        only(tmp_path / "a.tif")


def test_dots_per_inch_are_no_pixel_size(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.png", dpi=(300, 300))
    assert only(tmp_path / "a.png").spacing is None


def test_the_users_pixel_size_is_on_the_frame(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.png")
    spacing = only(tmp_path / "a.png", spacing_mm=(0.1, 0.2)).spacing
    assert spacing is not None
    assert (spacing.x_mm, spacing.y_mm, spacing.source) == (0.1, 0.2, SpacingSource.USER)


def test_pages_above_the_limit_are_refused(tmp_path: Path, ramp: np.ndarray) -> None:
    page = Image.fromarray(ramp)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page] * 3)
    with raised(InputTooLarge, found="4 pages"):
        list(open_frames(tmp_path / "a.tif", limits=Limits(frames=3)))
