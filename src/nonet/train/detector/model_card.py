"""The model card of a bundle: what it is for, what it was made from, how it measured, where it fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nonet.train.detector.heads import find_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nonet.anatomy import Structure
    from nonet.train.detector.recipe import Recipe

__all__ = ["card_with_new_points", "model_card"]

_REPLACED = ("## Operating points", "## Figures")

_INTENDED = """\
# {name} {version}

Finds nine structures in mid-sagittal first-trimester (11-14 weeks) ultrasound of the fetal head and
says of each whether it sees it. Research use. Not a diagnosis: a structure that the program does not
see is not thereby absent, and a box is not a measurement.
"""

_LIMITS = """\
## Limits

- One hospital's images, mostly of one maker's machines; another centre's figures will differ, so measure them:
  `nonet evaluate detection DATA --split ...`.
- Standard planes only were used for training. A frame of another plane can still get boxes.
- The references are single readings: two sets of boxes of one image (134 and 458) overlap by .13 (nuchal
  translucency) to .88 (palate), so strict overlap on thin structures has a low ceiling.
- Calliper marks, or smears where they were painted over, lie at the nuchal translucency in most training images.
"""


def model_card(
    recipe: Recipe,
    trained_on: Iterable[Mapping[str, Any]],
    warm_start: Iterable[Mapping[str, Any]],
    operating_points: Mapping[Structure, float],
    metrics: Mapping[str, Any],
) -> str:
    """The card as Markdown; every figure comes from the arguments."""
    parts = [
        _INTENDED.format(name=recipe.bundle.name, version=recipe.bundle.version),
        "## Network\n\n" + _network(recipe),
        "## Data\n\n" + _listed(trained_on),
        "## Warm start\n\n" + _listed(warm_start),
        _points(operating_points),
        _figures(metrics),
        _LIMITS,
    ]
    return "\n".join(parts)


def card_with_new_points(
    card: str, title: str, operating_points: Mapping[Structure, float], metrics: Mapping[str, Any]
) -> str:
    """A card whose operating points and figures are new, under another title and without its graders."""
    before, *sections = re.split(r"(?m)^(?=## )", card)
    kept = [section for section in sections if not section.startswith((*_REPLACED, "## Grader of "))]
    name = re.sub(r"\A# .*", f"# {title}", before) if before.strip() else f"# {title}\n\n"
    parts = (name, *kept, _points(operating_points), _figures(metrics))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _points(operating_points: Mapping[Structure, float]) -> str:
    return _REPLACED[0] + "\n\n" + "".join(f"- {s.label}: {value}\n" for s, value in operating_points.items())


def _network(recipe: Recipe) -> str:
    width, height = recipe.exported_size
    return (
        f"Trunk {recipe.trunk}, {find_head(recipe.head).description}; "
        f"input {width} x {height} grey{_passes(recipe)}. "
        "The recipe is in the repository under `recipes/`.\n"
    )


def _passes(recipe: Recipe) -> str:
    first = ", {} x {} where it looks for the head first".format(*recipe.first_pass) if recipe.first_pass else ""
    second = ", {} x {} for the head frame".format(*recipe.second_pass) if recipe.second_pass else ""
    return first + second


def _listed(entries: Iterable[Mapping[str, Any]]) -> str:
    return "".join("- " + "; ".join(f"{key}: {value}" for key, value in entry.items()) + "\n" for entry in entries)


def _figures(metrics: Mapping[str, Any]) -> str:
    lines = [
        f"{_REPLACED[1]}\n\n"
        "Other frames: `benchmarks/results/`. On the slice that chose epoch and operating points, so flattering:\n\n"
    ]
    for figures in metrics.values():
        lines.append(f"- frames: {figures['frames']}\n")
        for name, figure in figures.items():
            if isinstance(figure, dict):
                lines.append(f"- mean {name}: {_figure(figure)}\n")
    return "".join(lines)


def _figure(figure: Mapping[str, float | None]) -> str:
    """A figure with its interval; where nothing was found there is none."""
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "undefined"
    return f"{value:.3f} (95 % {low:.3f} to {high:.3f})"
