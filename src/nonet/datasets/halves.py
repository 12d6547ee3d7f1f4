"""Two halves of a set of images that has no splits: one to develop on, the other for the reported figure."""

from __future__ import annotations

import re

from nonet.datasets.folds import fold_of

__all__ = ["exam_of", "is_development"]

_SALT = "nonet-halves-1"


def exam_of(name: str) -> str:
    """The exam that an image belongs to: the number that its file's name begins with, else the name.

    The images ``010_HC.png`` and ``010_2HC.png`` of HC18 are of one exam.
    """
    number = re.match(r"\d+", name)
    return number.group() if number else name


def is_development(name: str) -> bool:
    """Whether an image is in the half to develop on; all images of an exam are in the same half."""
    return fold_of(exam_of(name), 2, _SALT) == 0
