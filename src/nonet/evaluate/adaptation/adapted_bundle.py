"""The bundle of a site: the one that was adapted, with the site's calibration, its frames listed as seen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nonet.bundle.frames_seen import Use, frames_seen_csv, rows_seen
from nonet.bundle.write import write_files
from nonet.errors import BundleError
from nonet.grade import GraderSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.grade.novelty import Novelty
    from nonet.grade.site_calibration import SiteCalibration

__all__ = ["refuse_adapted", "write_adapted_bundle"]

_CARD = "MODEL_CARD.md"


def refuse_adapted(bundle: Bundle, task: str) -> None:
    """Raise if the grader of a task has been adapted already.

    Raises
    ------
    BundleError
        If it has: a second adaptation would take the first for the grader's own.
    """
    manifest = bundle.manifest.graders.get(task)
    if manifest and GraderSpec.from_json(bundle.file(manifest.description)).site:
        raise BundleError(
            "A grader is adapted once",
            found=f"{bundle.manifest.name} {bundle.manifest.version} is adapted to a site already",
            remedy="Adapt the bundle that it was made from, on all frames together",
        )


def write_adapted_bundle(
    folder: Path,
    bundle: Bundle,
    task: str,
    site: SiteCalibration,
    frames: Mapping[str, tuple[str, str]],
    *,
    name: str,
    figures: Mapping[str, Mapping[str, Any]],
    novelty: Novelty | None = None,
) -> None:
    """Write a bundle whose grader of a task is adapted.

    Parameters
    ----------
    folder
        Of the new bundle.
    bundle
        The one that was adapted.
    task
        A key of its graders.
    site
        What the site's frames make of it.
    frames
        Pixel hash and difference hash of each frame by its name.
    name
        Of the site, for the bundle's name and card.
    figures
        ``before`` and ``after``, as `nonet.evaluate.grading.grading_figures` gives them.
    novelty
        Where the site's frames lie: what new frames are held against from now on.
    """
    manifest = bundle.manifest.graders[task]
    spec = replace(GraderSpec.from_json(bundle.file(manifest.description)), site=site, novelty=novelty)
    own = [(sha, Use.CHOSEN_BY, near) for sha, near in frames.values()]
    files = {file: bundle.file(file) for file in bundle.manifest.files}
    files[manifest.description] = spec.to_json().encode()
    files[manifest.frames_seen] = frames_seen_csv([*rows_seen(bundle, manifest.frames_seen), *own]).encode()
    title = f"{bundle.manifest.name}, adapted to {name}"
    kept = {key: {one: figures[key][one] for one in ("rows", "auc", "sensitivity", "specificity")} for key in figures}
    grader = replace(
        manifest,
        trained_on=(*manifest.trained_on, {"adapted to": name, "frames": len(frames)}),
        metrics={**manifest.metrics, **{f"{name}, {when} adaptation": one for when, one in kept.items()}},
    )
    card = re.sub(r"\A# .*", f"# {title} {bundle.manifest.version}", files.get(_CARD, b"").decode())
    files[_CARD] = (card.rstrip() + "\n\n" + _section(task, name, len(frames), site.conformal.level, kept)).encode()
    graders = {**bundle.manifest.graders, task: grader}
    write_files(folder, files, replace(bundle.manifest, name=title, graders=graders))


def _section(task: str, name: str, frames: int, level: float, figures: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        f"## Grader of {task}, adapted to {name}\n",
        f"Threshold, calibration and {level:.0%} conformal sets are those of {frames} frames of {name}; networks and",
        "columns are unchanged. Figures on these frames, each frame by an adaptation that had not seen it:\n",
    ]
    for when, one in figures.items():
        values = ", ".join(f"{key} {_figure(one[key])}" for key in ("auc", "sensitivity", "specificity"))
        lines.append(f"- {when}: {values}")
    return "\n".join(lines) + "\n"


def _figure(one: Mapping[str, float | None]) -> str:
    if one["value"] is None or one["low"] is None:
        return "not defined"
    return f"{one['value']:.3f} (95 % {one['low']:.3f} to {one['high']:.3f})"
