"""An image or a patient on both sides of a split is an error, whatever its name."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from nonet.datasets import ImageRow, Severity
from nonet.datasets.leaks import alike, patient_ids, same_patient, same_pixels
from nonet.datasets.near_copies import near_copies
from nonet.frames.difference_hash import difference_hash


def row(name: str, split: str, patient: str | None = None, centre: str | None = None) -> ImageRow:
    return ImageRow(name, Path(name), 100, 100, split, patient=patient, centre=centre)


def test_the_same_pixels_are_an_error_between_splits_and_a_warning_within_one() -> None:
    images = [row("a", "train"), row("b", "train"), row("c", "test"), row("d", "test")]
    problems = same_pixels(images, {"a": "1", "b": "1", "c": "1", "d": "2"})
    assert [(problem.file, problem.severity) for problem in problems] == [
        ("b", Severity.WARNING),
        ("c", Severity.ERROR),
    ]
    assert "pixels of a in train, again in test" in problems[1].found


def test_images_that_could_not_be_opened_are_not_compared() -> None:
    assert same_pixels([row("a", "train"), row("b", "test")], {"a": "1"}) == ()


def test_a_patient_in_two_splits_is_an_error_for_each_image_there() -> None:
    images = [row("a", "train", "P1"), row("b", "train", "P1"), row("c", "test", "P1"), row("d", "test", "P2")]
    assert [(problem.file, problem.severity) for problem in same_patient(images)] == [("c", Severity.ERROR)]


def test_a_patient_is_one_at_two_centres_and_however_the_id_is_written() -> None:
    images = [row("a", "train", "P1", "A"), row("b", "test", " p1\u200b", "B"), row("c", "test", "P1")]
    assert [problem.file for problem in same_patient(images)] == ["b", "c"]


def test_ids_that_may_be_one_are_an_error_and_two_ways_of_writing_one_a_warning() -> None:
    images = [row("a", "train", "007"), row("b", "train", "7.0"), row("c", "train", "P1"), row("d", "train", "p1 ")]
    ambiguous, spelt = patient_ids(images)
    assert (ambiguous.severity, ambiguous.found) == (Severity.ERROR, "007 and 7.0 may be one number")
    assert (spelt.severity, spelt.found) == (Severity.WARNING, "'P1', 'p1 ', taken for one")


def picture(seed: int, size: int = 240) -> np.ndarray:
    """Blobs, as an ultrasound has them."""
    rng = np.random.default_rng(seed)
    return np.asarray(Image.fromarray((rng.random((12, 12)) * 255).astype(np.uint8)).resize((size, size)))


def test_copies_that_differ_in_a_pixel_or_by_compression_are_found_and_other_images_are_not() -> None:
    pictures = {f"{seed}.png": picture(seed) for seed in range(40)}
    changed = pictures["3.png"].copy()
    changed[5, 5] ^= 255
    stored = io.BytesIO()
    Image.fromarray(pictures["7.png"]).save(stored, "JPEG", quality=60)
    pictures |= {"pixel.png": changed, "jpeg.png": np.asarray(Image.open(stored))}
    pairs = near_copies({name: difference_hash(each) for name, each in pictures.items()})
    assert {(pair.one, pair.other) for pair in pairs} == {("3.png", "pixel.png"), ("7.png", "jpeg.png")}
    assert all(pair.certain for pair in pairs)


def test_a_near_copy_is_an_error_between_splits_a_warning_within_one_and_a_suspect_a_warning() -> None:
    images = [row("a", "train"), row("b", "train"), row("c", "test"), row("d", "test")]
    near = dict(zip("abcd", ("00" * 32, "00" * 31 + "07", "00" * 31 + "3f", "00" * 28 + "ffffff00"), strict=True))
    problems = alike(images, {name: name for name in "abcd"}, near)
    found = {(problem.file, problem.severity, problem.found.split(":")[0]) for problem in problems}
    assert ("b", Severity.WARNING, "like a") in found
    assert ("c", Severity.ERROR, "like a in train, this one in test") in found
    assert ("d", Severity.WARNING, "like a in train, this one in test") in found
    assert alike(images, dict.fromkeys("abcd", "same"), near) == ()


def test_images_without_a_patient_are_not_compared() -> None:
    assert same_patient([row("a", "train"), row("b", "test")]) == ()
