"""A grader of labels is evaluated on the structures that it grades; rows of others are counted, not lost."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from errors_raised import raised
from label_bundles import graded_head, labels_bundle
from nonet.anatomy import Structure
from nonet.datasets import load
from nonet.datasets.exclusions import ExclusionReason
from nonet.datasets.tasks import LabelledRows, Task, label_rows
from nonet.errors import DatasetError
from nonet.evaluate.grading import grading_json, run_grader

GRADED = (Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE)


def labelled(folder: Path) -> LabelledRows:
    """Two frames of one head, the second with a label of the palate alone."""
    folder.mkdir()
    Image.fromarray(graded_head().pixels).save(folder / "a.png")
    Image.fromarray(graded_head().pixels[:-1]).save(folder / "b.png")
    rows = ("a.png,NT,normal", "a.png,nasal bone,abnormal", "a.png,palate,normal", "b.png,palate,abnormal")
    (folder / "labels.csv").write_text("\n".join(("image,structure,label", *rows)) + "\n")
    return label_rows(Task.LABELS, load(folder), labels=folder / "labels.csv")


def test_rows_of_other_structures_are_left_out_and_counted(tmp_path: Path) -> None:
    run = run_grader(Task.LABELS, labelled(tmp_path / "data"), labels_bundle(tmp_path / "b", GRADED))
    assert set(run.rows.words["structure"].tolist()) == {"nuchal_translucency", "nasal_bone"}
    assert run.not_graded == {"palate": 2}
    assert [(one.image, one.reason) for one in run.excluded] == [("b.png", ExclusionReason.NOT_GRADED)]
    document = json.loads(grading_json(run, "labels", "plain", "all", "mask"))
    assert document["not_graded"] == {"palate": 2}
    assert document["rows"] == 2


def test_labels_of_other_structures_alone_are_refused(tmp_path: Path) -> None:
    bundle = labels_bundle(tmp_path / "b", (Structure.MIDBRAIN,))
    with raised(DatasetError, found="where the bundle grades midbrain"):
        run_grader(Task.LABELS, labelled(tmp_path / "data"), bundle)
