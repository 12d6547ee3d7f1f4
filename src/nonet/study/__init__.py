"""The study: labels in; graders with their figures, a report and a bundle out, by a plan that is written down first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonet.study.pipeline import run_study
    from nonet.study.plan import Plan
    from nonet.study.plan_file import load_plan

__all__ = ["Plan", "load_plan", "run_study"]

_HOME = {"Plan": "nonet.study.plan", "load_plan": "nonet.study.plan_file", "run_study": "nonet.study.pipeline"}


def __getattr__(name: str) -> object:
    """Load a name when it is first asked for, so that parsing a plan loads nothing that trains."""
    if name not in _HOME:
        raise AttributeError(f"module 'nonet.study' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
