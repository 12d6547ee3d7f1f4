"""Charts by matplotlib as SVG that lives in the page: its colours, its type, no style of its own, text that is text."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from nonet.outputs.phrases import printable
from nonet.study.report.blocks import Chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

    Dash = str | tuple[int, tuple[float, ...]]

__all__ = ["DASHES", "DIM", "FAINT", "GROUND", "INK", "SERIES", "bare_axes", "chart", "house_style"]

INK, DIM, FAINT, GROUND = "#16191c", "#5a636b", "#d5dade", "#fffffe"
SERIES = ("#0b57a4", "#c25a00", "#007a67", "#8e3a9d", "#7a6a00", "#b3263b")
"""Colours of lines that stand for something; each also has a dash of its own."""

DASHES: tuple[Dash, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 2)))

_ROLES = {INK: "ink", DIM: "dim", FAINT: "line", GROUND: "ground"}
_VARIABLES = {colour: f"var(--{role})" for colour, role in _ROLES.items()}
_VARIABLES |= {colour: f"var(--c{place})" for place, colour in enumerate(SERIES, start=1)}

_SETTINGS: dict[RcKeyType, object] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": DIM,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "xtick.color": DIM,
    "ytick.color": DIM,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
}
_REFERENCE = re.compile(r"#([\w.-]+)")
_UNUSED = {"metadata", "style"}


@contextmanager
def house_style(name: str) -> Iterator[None]:
    """Within it figures are made and drawn alike, whatever a user has set for matplotlib.

    Parameters
    ----------
    name
        Of the chart; the same name and drawing give the same bytes.
    """
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_SETTINGS, "svg.hashsalt": name})
        yield


def bare_axes(size: tuple[float, float], place: tuple[float, float, float, float]) -> tuple[Figure, Axes]:
    """A figure of so many inches, and axes at left, bottom, width and height as shares of it."""
    figure = Figure(figsize=size)
    return figure, figure.add_axes(place)


def chart(figure: Figure, name: str, label: str) -> Chart:
    """A figure as an element of the page.

    Parameters
    ----------
    figure
        Made within `house_style`, where it also has to be drawn.
    name
        Of the chart, unlike any other on the page.
    label
        What a screen reader says.
    """
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    root = ET.fromstring(file.getvalue())  # noqa: S314 - drawn by matplotlib right here
    _without_unused(root)
    referenced = {found for element in root.iter() for value in element.attrib.values() for found in _targets(value)}
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = _attributes(element.attrib, referenced, name)
    box = root.attrib["viewBox"]
    root.attrib = {"viewBox": box, "role": "img", "aria-label": printable(label), "class": f"chart {name}"}
    return Chart(Markup(ET.tostring(root, encoding="unicode")))  # noqa: S704 - built of elements right here


def _without_unused(element: ET.Element) -> None:
    for child in list(element):
        if child.tag.rpartition("}")[2] in _UNUSED:
            element.remove(child)
        else:
            _without_unused(child)


def _targets(value: str) -> list[str]:
    return _REFERENCE.findall(value) if value.startswith(("url(#", "#")) else []


def _attributes(values: dict[str, str], referenced: set[str], name: str) -> dict[str, str]:
    """Styles as attributes, colours as the page's variables, and only the names that are referred to."""
    plain: dict[str, str] = {}
    for key, value in values.items():
        bare = key.rpartition("}")[2]
        if bare == "id":
            plain |= {"id": f"{name}-{value}"} if value in referenced else {}
        elif bare == "style":
            plain |= _styles(value)
        else:
            plain[bare] = _REFERENCE.sub(rf"#{name}-\1", value) if _targets(value) else value
    return plain


def _styles(style: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    values = {key.strip(): value.strip() for key, value in pairs}
    values.pop("font-family", None)
    return {key: _VARIABLES.get(value, value) for key, value in values.items()}
