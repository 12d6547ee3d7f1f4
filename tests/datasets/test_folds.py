"""A fold follows from the grey pixels alone, and a patient is never divided."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from errors_raised import raised
from nonet.datasets import ImageRow, assign_folds, fold_of, read_folds, write_folds
from nonet.datasets.groups import groups_of
from nonet.datasets.near_copies import NearCopy
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


def test_images_of_one_patient_share_a_fold() -> None:
    known = hashes(40)
    images = [row(f"{i}.png", patient=f"P{i // 4}", centre="A" if i < 20 else "B") for i in range(40)]
    folds = {item.image: item.fold for item in assign_folds(images, known, 2)}
    assert all(len({folds[f"{4 * p + k}.png"] for k in range(4)}) == 1 for p in range(10))
    assert set(folds.values()) == {0, 1}


def test_copies_of_an_image_share_a_fold() -> None:
    known = hashes(20) | {"copy.png": hashes(20)["3.png"]}
    folds = {item.image: item.fold for item in assign_folds([row(name) for name in known], known, 4)}
    assert folds["copy.png"] == folds["3.png"]


def test_the_pixels_of_a_copy_do_not_move_its_group_to_another_fold() -> None:
    known = hashes(30)
    copies = [replace(row(f"copy of {name}"), source=name) for name in known]
    images = [row(name) for name in known] + copies
    folds = []
    for number in range(4):
        made = {
            copy.name: pixels_sha256(np.full((5, 5), 7 * number + place, np.uint8)) for place, copy in enumerate(copies)
        }
        folds.append({item.image: item.fold for item in assign_folds(images, {**known, **made}, 3)})
    assert all(one == folds[0] for one in folds)
    alone = {item.image: item.fold for item in assign_folds(images[:30], known, 3)}
    assert alone.items() <= folds[0].items()


def test_every_fold_has_its_share_of_a_rare_class_and_no_patient_is_divided() -> None:
    """7 % of 200 abnormal: by hash alone a fold may have one of them, or eight."""
    known = hashes(200)
    images = [row(name, patient=f"P{number // 2}") for number, name in enumerate(known)]
    for salt in map(str, range(20)):
        classes = {name: ["abnormal" if number < 14 else "normal"] for number, name in enumerate(known)}
        folds = assign_folds(images, known, 3, salt, classes=classes)
        abnormal = np.bincount([one.fold for one in folds[:14]], minlength=3)
        assert sorted(abnormal.tolist()) == [4, 4, 6]
        assert np.ptp(np.bincount([one.fold for one in folds])) <= 2
        assert all(folds[2 * number].fold == folds[2 * number + 1].fold for number in range(100))


def test_stratified_folds_depend_on_pixels_and_salt_alone() -> None:
    known = hashes(60)
    images = [row(name) for name in known]
    classes = {
        name: [f"structure {k} {'abnormal' if number % (k + 3) == 0 else 'normal'}" for k in range(3)]
        for number, name in enumerate(known)
    }
    forward = {one.image: one.fold for one in assign_folds(images, known, 3, classes=classes)}
    backward = {one.image: one.fold for one in assign_folds(reversed(images), known, 3, classes=classes)}
    other = {one.image: one.fold for one in assign_folds(images, known, 3, "other", classes=classes)}
    assert forward == backward
    assert forward != other
    rare = np.bincount([forward[name] for number, name in enumerate(known) if number % 5 == 0], minlength=3)
    assert rare.tolist() == [4, 4, 4]


def test_a_patients_images_and_near_copies_form_one_group() -> None:
    known = hashes(6)
    images = [
        row("0.png", "P1", "A"),
        row("1.png", "p1 ", "B"),
        row("2.png", "P1"),
        row("3.png"),
        row("4.png"),
        row("5.png"),
    ]
    groups = groups_of(images, known, [NearCopy("2.png", "3.png", 4), NearCopy("4.png", "5.png", 30)])
    assert groups["0.png"] == groups["1.png"] == groups["2.png"] == groups["3.png"] == "patient p1"
    assert groups["4.png"] == known["4.png"] != groups["5.png"]


def test_planted_ways_of_writing_an_id_never_divide_a_patient() -> None:
    """Thirty patients of two images each, the second written otherwise."""
    ways = ("{} ", " {}", "{}\u200b", "\t{}", "{}")
    known = hashes(60)
    images = []
    for number in range(30):
        images.append(row(f"{2 * number}.png", f"p{number}x", "north"))
        images.append(
            row(f"{2 * number + 1}.png", ways[number % 5].format(f"P{number}x"), None if number % 2 else "south")
        )
    folds = {one.image: one.fold for one in assign_folds(images, known, 3)}
    assert all(folds[f"{2 * number}.png"] == folds[f"{2 * number + 1}.png"] for number in range(30))


def test_ids_that_may_be_one_are_refused() -> None:
    known = hashes(3)
    with raised(DatasetError, found="07 and 7 may be one number"):
        groups_of([row("0.png", "07"), row("1.png", "7"), row("2.png", "8")], known)
    by_centre = [row("0.png", "07", "A"), row("1.png", "7", "B")]
    assert len(set(groups_of(by_centre, known, by_centre=True).values())) == 2
    with raised(DatasetError, found="p1 has a centre in one row and none in another"):
        groups_of([row("0.png", "P1", "A"), row("1.png", "P1")], known, by_centre=True)


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


def test_a_copy_stays_with_the_image_that_is_called_its_source() -> None:
    known = hashes(40)
    images = [replace(row(f"{i}.png"), source=f"{i - 20}.png" if i >= 20 else None) for i in range(40)]
    folds = {item.image: item.fold for item in assign_folds(images, known, 3)}
    assert all(folds[f"{i}.png"] == folds[f"{i + 20}.png"] for i in range(20))
    assert set(folds.values()) == {0, 1, 2}
    by_hash = groups_of([row("0.png"), replace(row("1.png"), source=known["0.png"])], known)
    assert by_hash["0.png"] == by_hash["1.png"]
    of_one_absent = groups_of([replace(row(f"{i}.png"), source="elsewhere.png") for i in range(2)], known)
    assert of_one_absent["0.png"] == of_one_absent["1.png"]
