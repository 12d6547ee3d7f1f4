"""An image or a patient on both sides of a split is an error, whatever its name."""

from pathlib import Path

from nonet.datasets import ImageRow, Severity
from nonet.datasets.leaks import same_patient, same_pixels


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


def test_patients_of_two_centres_with_one_number_are_two_patients() -> None:
    assert same_patient([row("a", "train", "7", "A"), row("b", "test", "7", "B")]) == ()


def test_images_without_a_patient_are_not_compared() -> None:
    assert same_patient([row("a", "train"), row("b", "test")]) == ()
