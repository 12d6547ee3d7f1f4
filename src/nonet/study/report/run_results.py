"""What a run folder says of a study: its plan, its figures, its predictions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nonet.bundle import Unit
from nonet.errors import DatasetError
from nonet.evaluate.grading import read_rows
from nonet.study.figures import FIGURES_SCHEMA, KEYS, pooled
from nonet.study.plan_file import load_plan
from nonet.study.shipped_grader import shipped_grader
from nonet.study.splits import ALL, EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from nonet.evaluate.grading import GradedRows
    from nonet.study.figures import ExperimentKey
    from nonet.study.plan import Plan
    from nonet.study.shipped_grader import ShippedGrader

__all__ = ["RunResults", "of_positive"]

_NEEDED = {
    "best", "bundle", "cells", "classes", "differences", "environment", "flow", "left_out", "models", "plan_sha256",
    "positive", "runs", "selection",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunResults:
    """A study's results as its run folder holds them.

    Attributes
    ----------
    plan, plan_sha256
        The plan of the run folder and the hash of its file.
    figures
        ``figures.json``.
    rows
        ``predictions.csv``, rows by scheme, arm and kind.
    """

    plan: Plan
    plan_sha256: str
    figures: dict[str, Any]
    rows: dict[ExperimentKey, GradedRows]

    @classmethod
    def read(cls, folder: Path) -> RunResults:
        """Read ``study.toml``, ``figures.json`` and ``predictions.csv``.

        Raises
        ------
        NonetError
            If one of them is not there, or is of another form.
        """
        plan, sha = load_plan(folder / "study.toml")
        figures = _figures(folder / "figures.json")
        values = read_rows(folder / "predictions.csv", figures["positive"], KEYS)
        results = cls(plan, sha, figures, pooled(values))
        for scheme in (INTERNAL, *results.schemes):
            results.of_best(scheme)
            results.rows_of_best(scheme)
        return results

    @property
    def best(self) -> tuple[str, str]:
        """Arm and kind of the best cell."""
        return self.figures["best"]["arm"], self.figures["best"]["kind"]

    @property
    def shipped(self) -> ShippedGrader:
        """What is shipped of the best experiment's grader."""
        return shipped_grader(self.figures["cells"], self.figures["best"], self.plan.task)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in their order."""
        return tuple(self.figures["classes"])

    @property
    def positive(self) -> str:
        """The class that sensitivity is of."""
        return str(self.figures["positive"])

    @property
    def sensitivity(self) -> str:
        """What sensitivity and specificity are of, in words."""
        if len(self.classes) == 2:
            return f"sensitivity is of {self.positive}"
        return f"AUC is the mean over them, each against all others; sensitivity and curves are of {self.positive}"

    @property
    def of_structures(self) -> bool:
        """Whether a row is a structure, not a frame."""
        return bool(self.figures["flow"]["unit"] == Unit.STRUCTURE.value)

    @property
    def unit(self) -> str:
        """What a row is, in a word."""
        return "structure" if self.of_structures else "frame"

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes in which the best experiment was tested: internal, each that was left out, external."""
        arm, kind = self.best
        values = [one["scheme"] for one in self.figures["cells"] if (one["arm"], one["kind"]) == (arm, kind)]
        left_out = [scheme for scheme in values if scheme not in (INTERNAL, EXTERNAL, ALL)]
        return tuple(scheme for scheme in (INTERNAL, *left_out, EXTERNAL) if scheme in values)

    def cell(self, scheme: str, arm: str, kind: str) -> dict[str, Any] | None:
        """The figures of a cell, if it was tested in the scheme."""
        wanted = (scheme, arm, kind)
        found = (one for one in self.figures["cells"] if (one["scheme"], one["arm"], one["kind"]) == wanted)
        return next(found, None)

    def of_best(self, scheme: str) -> dict[str, Any]:
        """The figures of the best cell under one of `schemes`."""
        found = self.cell(scheme, *self.best)
        if found is None:
            raise _malformed(f"figures.json: no figures of {' by '.join(self.best)} under {scheme!r}")
        return found

    def rows_of_best(self, scheme: str) -> GradedRows:
        """The rows of the best cell under one of `schemes`."""
        if (scheme, *self.best) not in self.rows:
            raise _malformed(f"predictions.csv: no rows of {' by '.join(self.best)} under {scheme!r}")
        return self.rows[scheme, *self.best]


def of_positive(rows: GradedRows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The probability of the positive class, ``float64[N]``, and whether it is the answer, ``bool[N]``."""
    return rows.probabilities[:, rows.classes.index(rows.positive)], rows.words["answer"] == rows.positive


def _figures(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise _malformed(f"{path.name}: {type(problem).__name__}") from problem
    lacking = sorted(_NEEDED - set(document)) if isinstance(document, dict) else ["everything"]
    if lacking:
        raise _malformed(f"{path.name} without {', '.join(lacking)}")
    if document.get("schema") != FIGURES_SCHEMA:
        raise _malformed(f"{path.name} of {document.get('schema', 'schema 1')}, not {FIGURES_SCHEMA}")
    return dict(document)


def _malformed(found: str) -> DatasetError:
    return DatasetError(
        "A report is made from the figures that a study writes",
        found=found,
        remedy="Run the study again with this version of Nonet",
    )
