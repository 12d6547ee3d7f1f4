"""What only the site knows of a study, printed as its plan gives it, or as not stated."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from nonet.study.plan import Reporting
from nonet.study.report.blocks import Block, Row, joined, paragraph, row, table, td, th

if TYPE_CHECKING:
    from nonet.study.report.run_results import RunResults

__all__ = ["NOT_STATED", "reporting"]

NOT_STATED = "not stated"

_ABOUT = (
    "Asked of studies of diagnostic and prognostic models (TRIPOD+AI, CLAIM), and known to the site alone. Nonet "
    "prints what the plan says under [reporting] and adds nothing to it."
)


def reporting(results: RunResults) -> Block:
    """A row for each item."""
    given = results.plan.reporting
    stated = sum(getattr(given, one.name) is not None for one in fields(Reporting))
    body = (_row(one.name.replace("_", " "), getattr(given, one.name)) for one in fields(Reporting))
    caption = f"{stated} of {len(fields(Reporting))} items are stated."
    return joined([paragraph(_ABOUT), table(caption, [row(th("item"), th("as the plan gives it"))], body)])


def _row(item: str, words: str | None) -> Row:
    return row(th(item[:1].upper() + item[1:], "row"), td(words or NOT_STATED, "" if words else "dim"))
