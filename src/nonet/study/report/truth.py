"""Where the answers of a study come from, said wherever a figure that rests on them is said."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from nonet.datasets.question import Task

if TYPE_CHECKING:
    from nonet.study.plan import Plan

__all__ = ["Truth", "truth_of"]


class Truth(Enum):
    """A source of answers: what it is called beside a figure, and what it is in a sentence."""

    FILED = (
        "real frames, filed by their readers",
        "The answers are real: the folder in which the readers of the data set filed each frame.",
    )
    BOXED = (
        "real frames, boxed by their readers",
        "The answers are real and noisy: whether the readers of the data set boxed the structure.",
    )
    SITE = (
        "the site's own labels",
        "The answers are the site's own labels: nobody has published any, so they are as good as the site made them.",
    )
    EDITS = (
        "controlled edits",
        "The answers are grades of controlled edits: structures of real frames were changed by known amounts. "
        "They are no grades of patients.",
    )
    SIMULATION = (
        "simulated frames",
        "The answers are known by construction: the frames are simulated. They are no grades of patients.",
    )

    @property
    def beside(self) -> str:
        """As it stands beside a figure."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """As it stands among the methods."""
        return self.value[1]


_OF_TASK = {Task.PLANE: Truth.FILED, Task.VISIBILITY: Truth.BOXED}
_TOLD = {
    Truth.SIMULATION: re.compile("simulat", re.IGNORECASE),
    Truth.EDITS: re.compile(r"(?<![a-z])edit(s|ed)?(?![a-z])", re.IGNORECASE),
}


def truth_of(plan: Plan) -> Truth:
    """Where a plan's answers come from.

    Frames are simulated, or labels those of controlled edits, where the plan's name, data or table of labels says
    *simulated* or *edits*; else the task tells.
    """
    named = " ".join(filter(None, (plan.name, plan.data, plan.labels)))
    for truth, word in _TOLD.items():
        if word.search(named):
            return truth
    return _OF_TASK.get(plan.task, Truth.SITE)
