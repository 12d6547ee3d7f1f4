"""A data set of any published form becomes one table: the forms that Nonet knows, and the choice among them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from nonet.datasets.data_set import DataSet
from nonet.datasets.forms.coco import Coco
from nonet.datasets.forms.fetus_framework import FetusFramework
from nonet.datasets.forms.image_folder import ImageFolder
from nonet.datasets.forms.yolo import Yolo
from nonet.datasets.problems import Problem, Severity
from nonet.datasets.unread_labels import label_files
from nonet.errors import DatasetError

__all__ = ["FORMS", "Form", "load"]


class Form(Protocol):
    """A published form of data set. A new one is a file with these three, and a place in `FORMS`."""

    name: str

    def recognises(self, path: Path) -> bool:
        """Whether the file or folder looks like this form, without reading images."""

    def read(self, path: Path) -> DataSet:
        """The table; what is wrong with single images and boxes goes into its problems."""


FORMS: tuple[Form, ...] = (FetusFramework(), Coco(), Yolo(), ImageFolder())
"""Every form, in the order in which they are tried: a plain folder is what no other form recognises."""


def load(path: Path | str) -> DataSet:
    """Read a data set; its form is recognised from what the path holds.

    Parameters
    ----------
    path
        A folder, or the annotation file of a form that has one.

    Returns
    -------
    Images, boxes, and every problem that reading met. Image sizes come from the headers; pixels
    are not read.

    Raises
    ------
    DatasetError
        If the path is not there, is of no known form, or holds labels of a form that is not read.
    """
    path = Path(path)
    for form in FORMS:
        if form.recognises(path):
            return _without_unread_labels(form, form.read(path), path)
    raise DatasetError(
        f"A data set is one of the forms {', '.join(form.name for form in FORMS)}",
        found=f"{path} is not there" if not path.exists() else f"{path} is none of them",
        remedy="Point to the data set's top folder; docs/reference/datasets.md shows each form",
    )


def _without_unread_labels(form: Form, data: DataSet, path: Path) -> DataSet:
    """The data set, if no label file of another form lies beside it unread.

    Where nothing else holds boxes, that is an error: the images would pass for frames without any.
    """
    if not path.is_dir():
        return data
    unread = [(file, kind) for file, kind in label_files(path) if kind not in _READ_BY[form.name]]
    if not unread:
        return data
    (first, kind), count = unread[0], len(unread)
    found = f"{first.relative_to(path).as_posix()} ({kind})" + (f" and {count - 1} more" if count > 1 else "")
    rule, remedy = "Every label file of a data set is read", "Convert it to COCO or YOLO txt, or move it elsewhere"
    if form.name == ImageFolder.name:
        raise DatasetError(rule, found=f"{path}: {found}, which no form takes as it lies", remedy=remedy)
    problem = Problem(Severity.WARNING, first.name, rule, f"{found}, beside a data set of the form {form.name}", remedy)
    return replace(data, problems=(*data.problems, problem))


_READ_BY: dict[str, set[str]] = {
    FetusFramework.name: set(),
    Coco.name: {"COCO or another JSON of annotations"},
    Yolo.name: {"YOLO"},
    ImageFolder.name: set(),
}
"""The kinds of label files that a form reads itself, and answers for."""
