"""The page: sections in the order of a paper's results, in one file that asks for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nonet.outputs.html import fingerprint
from nonet.outputs.phrases import printable
from nonet.study.cache import replace_text
from nonet.study.report.amounts_section import amounts
from nonet.study.report.blocks import Block, Group, grouped
from nonet.study.report.calibration_plot import calibration_chart
from nonet.study.report.checklists import checklists
from nonet.study.report.chips import chip_rules
from nonet.study.report.chosen import chosen, models
from nonet.study.report.comparison import comparison
from nonet.study.report.decisions import conformal, confusions, most_wrong
from nonet.study.report.differences import differences
from nonet.study.report.flow import flow
from nonet.study.report.forest import forest
from nonet.study.report.limits import limits
from nonet.study.report.methods import methods
from nonet.study.report.page_header import page_header
from nonet.study.report.primary_section import primary
from nonet.study.report.provenance import choices, environment, radiomics_settings
from nonet.study.report.references import reference_list
from nonet.study.report.reporting import reporting
from nonet.study.report.roc import roc_chart
from nonet.study.report.run_results import RunResults
from nonet.study.report.stability_section import stability
from nonet.study.report.structures import structures
from nonet.study.report.three_way_section import three_way_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["write_report"]

_SHADES = 10
_STRONGEST = 45
"""Per cent of the accent in the strongest shade of a cell: words stay readable on it."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A section by its name in links, its title, and what makes it; None makes none."""

    name: str
    title: str
    make: Callable[[RunResults], Block | None]


@dataclass(frozen=True, slots=True)
class _Made:
    """A section with what it holds."""

    name: str
    title: str
    body: Block


def _pair(results: RunResults) -> Group:
    return grouped(roc_chart(results), calibration_chart(results), class_="pair")


_SECTIONS = (
    _Section("primary", "Primary comparison", primary),
    _Section("flow", "Images and rows", flow),
    _Section("comparison", "Graders compared", comparison),
    _Section("three-way", "Arms on training, internal and external rows", three_way_table),
    _Section("differences", "Differences", differences),
    _Section("curves", "Discrimination and calibration", _pair),
    _Section("confusion", "Confusion", confusions),
    _Section("parts", "Devices, centres, layouts", forest),
    _Section("sets", "Conformal sets", conformal),
    _Section("structures", "Structures", structures),
    _Section("amounts", "By amount", amounts),
    _Section("stability", "Stability of features", stability),
    _Section("chosen", "Chosen features", chosen),
    _Section("wrong", "Rows furthest off", most_wrong),
    _Section("methods", "Methods", methods),
    _Section("choices", "What looked at which frames", choices),
    _Section("radiomics", "Radiomic features as the IBSI asks for them", radiomics_settings),
    _Section("limits", "Limits", limits),
    _Section("reporting", "Reporting", reporting),
    _Section("settings", "Settings of the models", models),
    _Section("environment", "Software and hardware", environment),
    _Section("references", "References", lambda _: reference_list()),
)


def write_report(folder: Path) -> None:
    """Write ``report.html`` of a run folder.

    It is made from ``study.toml``, ``figures.json`` and ``predictions.csv`` alone; the same files give the same
    bytes. The page holds all it shows, needs no script, and its own policy forbids every request; no name in
    the data can become markup.

    Parameters
    ----------
    folder
        A study's run folder.

    Raises
    ------
    NonetError
        If one of the three files is not there, or is of another form.
    """
    replace_text(folder / "report.html", _page(RunResults.read(folder)))


def _page(results: RunResults) -> str:
    made = [_Made(one.name, one.title, body) for one in _SECTIONS if (body := one.make(results)) is not None]
    listed = checklists(results, {one.name: one.title for one in made})
    made.insert(len(made) - 1, _Made("checklists", "Checklists of reporting", listed))
    style = _style()
    return (
        _environment()
        .get_template("report.html")
        .render(header=page_header(results), sections=made, style=style, policy=_policy(style))
    )


@cache
def _environment() -> Environment:
    """Templates that escape every word, spell out control characters, and fail on a name that is not given."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("nonet.study.report", "."), PackageLoader("nonet.outputs", ".")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=False,
    )


def _plain(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _style() -> str:
    own = files("nonet.study.report").joinpath("page.css").read_text(encoding="utf-8")
    return f"{own}\n{chip_rules()}\n{_shade_rules()}\n"


def _shade_rules() -> str:
    """The shades of cells that stand for a share, from none to the strongest."""
    steps = ((step, _STRONGEST * step // _SHADES) for step in range(1, _SHADES + 1))
    return "\n".join(
        f".q{step} {{ background: color-mix(in srgb, var(--accent) {part}%, var(--ground)); }}" for step, part in steps
    )


def _policy(style: str) -> str:
    """A Content-Security-Policy (W3C, level 3) that allows this style and nothing else."""
    return f"default-src 'none'; style-src {fingerprint(style)}; base-uri 'none'; form-action 'none'"
