"""The study: labels in, models with their figures and a bundle out, by a plan that is written down first."""

from __future__ import annotations

from nonet.study.plan import Plan, load_plan
from nonet.study.runner import run_study

__all__ = ["Plan", "load_plan", "run_study"]
