"""A data set of any published form becomes one table: the forms that Nonet knows, and the choice among them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from nonet.datasets.data_set import DataSet
from nonet.datasets.forms.coco import Coco
from nonet.datasets.forms.fetus_framework import FetusFramework
from nonet.datasets.forms.image_folder import ImageFolder
from nonet.datasets.forms.yolo import Yolo
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
        If the path is not there or is of no known form.
    """
    path = Path(path)
    for form in FORMS:
        if form.recognises(path):
            return form.read(path)
    raise DatasetError(
        f"A data set is one of the forms {', '.join(form.name for form in FORMS)}",
        found=f"{path} is not there" if not path.exists() else f"{path} is none of them",
        remedy="Point to the data set's top folder; docs/reference/datasets.md shows each form",
    )
