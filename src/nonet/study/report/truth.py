"""Where the answers of a study come from, said wherever a figure that rests on them is said."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from nonet.datasets.tasks import Task
from nonet.study.plan import LabelsFrom

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
_OF_LABELS = {
    LabelsFrom.SITE: Truth.SITE,
    LabelsFrom.EDITS: Truth.EDITS,
    LabelsFrom.SIMULATION: Truth.SIMULATION,
}


def truth_of(plan: Plan) -> Truth:
    """Where a plan's answers come from: what the plan says of its labels, or else what the task implies."""
    return _OF_TASK.get(plan.task) or _OF_LABELS[plan.labels_from or LabelsFrom.SITE]
