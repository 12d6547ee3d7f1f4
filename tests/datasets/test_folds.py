"""A fold follows from the grey pixels alone, and a patient is never divided."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from errors_raised import raised
from nonet.datasets import ImageRow, assign_folds, fold_of, read_folds, write_folds
from nonet.errors import DatasetError
from nonet.frame import pixels_sha256


def row(name: str, patient: str | None = None, centre: str | None = None) -> ImageRow:
    return ImageRow(name, Path(name), 100, 100, "all", patient=patient, centre=centre)


def hashes(count: int) -> dict[str, str]:
    return {f"{i}.png": pixels_sha256(np.full((4, 4), i, np.uint8)) for i in range(count)}


def test_the_assignment_is_the_same_for_ever() -> None:
    assert [fold_of(f"{i:064x}", 3) for i in range(12)] == [1, 1, 1, 1, 1, 1, 2, 1, 0, 0, 0, 0]


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(1, 20))
def test_a_fold_is_one_of_those_asked_for(sha: str, folds: int) -> None:
    assert 0 <= fold_of(sha, folds) < folds


def test_folds_are_about_equally_filled_and_another_salt_is_independent() -> None:
    shas = [f"{i:064x}" for i in range(3000)]
    first = np.array([fold_of(sha, 3) for sha in shas])
    second = np.array([fold_of(sha, 3, salt="other") for sha in shas])
    table = np.zeros((3, 3))
    np.add.at(table, (first, second), 1)
    assert np.abs(table - 3000 / 9).max() < 5 * np.sqrt(3000 / 9)


def test_names_and_order_do_not_matter() -> None:
    known = hashes(30)
    images = [row(name) for name in known]
    forward = {item.image: item.fold for item in assign_folds(images, known, 3)}
    backward = {item.image: item.fold for item in assign_folds(reversed(images), known, 3)}
    assert forward == backward
    assert forward["0.png"] == fold_of(known["0.png"], 3)


def test_images_of_one_patient_share_a_fold_and_patients_of_two_centres_do_not_mix() -> None:
    known = hashes(40)
    images = [row(f"{i}.png", patient=f"P{i // 4}", centre="A" if i < 20 else "B") for i in range(40)]
    folds = {item.image: item.fold for item in assign_folds(images, known, 2)}
    assert all(len({folds[f"{4 * p + k}.png"] for k in range(4)}) == 1 for p in range(10))
    assert set(folds.values()) == {0, 1}


def test_copies_of_an_image_share_a_fold() -> None:
    known = hashes(20) | {"copy.png": hashes(20)["3.png"]}
    folds = {item.image: item.fold for item in assign_folds([row(name) for name in known], known, 4)}
    assert folds["copy.png"] == folds["3.png"]


def test_an_empty_fold_is_an_error() -> None:
    with raised(DatasetError, found="2 groups for 5 folds"):
        assign_folds([row("0.png"), row("1.png")], hashes(2), 5)


def test_the_fold_file_is_read_back_as_written(tmp_path: Path) -> None:
    rows = assign_folds([row(name) for name in hashes(12)], hashes(12), 3)
    write_folds(rows, tmp_path / "folds.csv")
    assert read_folds(tmp_path / "folds.csv") == rows
    assert (tmp_path / "folds.csv").read_text().splitlines()[0] == "image,pixels_sha256,fold"


def test_a_fold_file_of_another_form_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folds.csv").write_text("image,pixels_sha256,fold\na.png,00,x\n")
    with raised(DatasetError, found=r"folds\.csv: invalid literal for int"):
        read_folds(tmp_path / "folds.csv")
