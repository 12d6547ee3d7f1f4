"""Four checklists of reporting, each item answered with its place on the page, or No.

An item is answered by what the run holds and the plan states, and by nothing else: what is not known is No, and left
to the authors. Items and what answers them are in ``checklists.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle.grader_kind import GraderKind
from nonet.evaluate.grading import UNKNOWN
from nonet.study.plan import Input
from nonet.study.report.blocks import Block, details, joined, paragraph, row, table, td, th
from nonet.study.splits import EXTERNAL, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nonet.study.report.run_results import RunResults

__all__ = ["NO", "Answer", "answers", "checklists"]

NO = "No"
_STATED = "reporting."
_ABOUT = (
    "Each item with its place on this page. What neither the run holds nor the plan states is No: never guessed, and "
    "for the authors to say. Words are ours and short; the checklists themselves are binding."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An item of a checklist: its number, what it asks for, and where that is said, or `NO`."""

    number: str
    item: str
    place: str


def checklists(results: RunResults, sections: Mapping[str, str]) -> Block:
    """Every checklist, folded, with how many of its items are answered.

    Parameters
    ----------
    results
        Of the run.
    sections
        Titles of the sections that the page has, by name.
    """
    parts: list[Block] = [paragraph(_ABOUT)]
    for name, work, items in _lists():
        given = answers(results, sections, items)
        stated = sum(one.place != NO for one in given)
        head = [row(th("item"), th("what it asks for"), th("where"))]
        body = [
            row(th(one.number, "row"), td(one.item), td(one.place, "dim" if one.place == NO else "")) for one in given
        ]
        parts.append(details(f"{name}: {stated} of {len(given)} items", table(f"{name} ({work}).", head, body)))
    return joined(parts)


def answers(results: RunResults, sections: Mapping[str, str], items: list[list[str]]) -> list[Answer]:
    """The answer to each item ``[number, words, evidence ...]``."""
    known = {**sections, **_known(results, sections)}
    return [Answer(number, words, _place(results, known, evidence)) for number, words, *evidence in items]


@cache
def _lists() -> tuple[tuple[str, str, list[list[str]]], ...]:
    text = files("nonet.study.report").joinpath("checklists.toml").read_text(encoding="utf-8")
    return tuple((one["name"], one["work"], one["items"]) for one in tomllib.loads(text)["checklists"])


def _place(results: RunResults, known: Mapping[str, str], evidence: list[str]) -> str:
    """Where an item is answered; `NO` if some of its evidence is not there."""
    places: dict[str, None] = {}
    for one in evidence:
        if one.startswith(_STATED):
            field = one.removeprefix(_STATED)
            if getattr(results.plan.reporting, field) is None:
                return NO
            places[f"{known['reporting']}: {field.replace('_', ' ')}"] = None
        elif one in known:
            places[known[one]] = None
        else:
            return NO
    return "; ".join(places) or NO


def _known(results: RunResults, sections: Mapping[str, str]) -> dict[str, str]:
    """Evidence besides the sections, as far as the run holds it, and its place."""
    plan = results.plan
    inputs = [set(plan.inputs(arm)) for arm in (*plan.arms, *plan.baselines)]
    rows = results.rows_of_best(INTERNAL)
    centres = set(np.unique(rows.words["centre"]).tolist()) - {UNKNOWN}
    comparison, methods = sections["comparison"], sections["methods"]
    conditions = {
        "external": (EXTERNAL in results.schemes, comparison),
        "left_out": (len(results.schemes) > 1 + (EXTERNAL in results.schemes), comparison),
        "centres": (len(centres) > 1, sections.get("parts", comparison)),
        "shipped": (
            plan.bundle is not None and results.shipped.ships,
            f"bundle {plan.bundle.name} {plan.bundle.version}" if plan.bundle else "",
        ),
        "not_assessed": ("sets" in sections, sections.get("sets", "")),
        "automatic": (True, methods),
        "one_kind": (True, methods),
        "here": (True, "this section"),
        "stability_filter": (bool(plan.selection.sources), methods),
        "not_radiomic": (
            any(Input.RADIOMICS in one for one in inputs) and any(Input.RADIOMICS not in one for one in inputs),
            comparison,
        ),
        "classical": (GraderKind.LOGISTIC_REGRESSION in plan.kinds or bool(plan.baselines), comparison),
    }
    return {name: place for name, (holds, place) in conditions.items() if holds}
