"""An evaluation as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table

from nonet.anatomy import STRUCTURES
from nonet.evaluate.bootstrap import Figure
from nonet.evaluate.detection.detection_metrics import Measure
from nonet.evaluate.detection.detector_comparison import ComparedDetector
from nonet.evaluate.detection.evaluation import DetectionEvaluation, Scores
from nonet.evaluate.detection.matching import MATCH_IOU

__all__ = ["render", "render_comparison"]

_HEADINGS = {
    Measure.AP50: "AP50",
    Measure.AP50_95: "AP50:95",
    Measure.IOU: "mean IoU",
    Measure.F1: "F1",
    Measure.PRECISION: "precision",
    Measure.RECALL: "recall",
    Measure.CENTRE_ERROR_PX: "centre, px",
    Measure.CENTRE_ERROR_MM: "centre, mm",
    Measure.EDGES_IN_BAND: "in 90 % band",
    Measure.VISIBILITY_BRIER: "Brier, visible",
}
_OVERLAP = (Measure.AP50, Measure.AP50_95, Measure.IOU, Measure.F1)
_OPERATING = (Measure.PRECISION, Measure.RECALL, Measure.CENTRE_ERROR_PX, Measure.CENTRE_ERROR_MM)
_CALIBRATED = (Measure.EDGES_IN_BAND, Measure.VISIBILITY_BRIER)
_CHANGED = (Measure.AP50, Measure.AP50_95, Measure.F1, Measure.PRECISION)


def render(evaluation: DetectionEvaluation, split: str) -> RenderableType:
    """Five tables: the strict figures in three, those with unboxed structures ignored, and visibility."""
    counts = [str(evaluation.boxes[structure]) for structure in STRUCTURES]
    title = f"{evaluation.bundle.name} {evaluation.bundle.version} on {split}: {evaluation.frames} frames with boxes"
    tables = (
        _table(title, evaluation.strict, _OVERLAP, counts),
        _table("at the operating point", evaluation.strict, _OPERATING, counts),
        _table("calibration of edges and visibility", evaluation.strict, _CALIBRATED, counts),
        _table("ignoring detections of structures left unboxed", evaluation.unboxed_ignored, _CHANGED, counts),
        _visibility(evaluation),
        *([_devices(evaluation)] if evaluation.by_device else []),
    )
    method = (
        f"95 % intervals: {evaluation.resamples} bootstrap resamples of {evaluation.resampled}. "
        f"Matched: seen, and IoU at least {MATCH_IOU}."
    )
    return Group(*(Group(table, "") for table in tables), method, _seen_in_training(evaluation))


def render_comparison(compared: Sequence[ComparedDetector], split: str) -> RenderableType:
    """A table of means over the structures, one of AP50:95 by structure, and one of means by device family."""
    evaluations = [each.evaluation for each in compared]
    names = [f"{one.bundle.name} {one.bundle.version}" for one in evaluations]
    title = f"mean over the structures, {split}: {evaluations[0].frames} frames with boxes"
    means = _blank(title, [*(_HEADINGS[name] for name in _OVERLAP), "ms a frame"], "detector")
    for name, each in zip(names, compared, strict=True):
        means.add_row(name, *_cells(each.evaluation.strict.mean, _OVERLAP), f"{1000 * each.seconds:.0f}")
        if each.difference:
            means.add_row("  less the first", *map(_signed, _figures(each.difference.mean, _OVERLAP)), "")
    by_structure = _blank("AP50:95 by structure", names)
    for structure in STRUCTURES:
        row = [one.strict.structures[structure][Measure.AP50_95] for one in evaluations]
        by_structure.add_row(structure.label, *map(_cell, row))
    devices = (Group(name, _devices(one), "") for name, one in zip(names, evaluations, strict=True) if one.by_device)
    method = (
        f"95 % intervals: {evaluations[0].resamples} bootstrap resamples of {evaluations[0].resampled}, "
        "the same for all detectors. Times are of one run, side by side."
    )
    seen = (f"{one.bundle.name}: {_seen_in_training(one)}" for one in evaluations)
    return Group(means, "", by_structure, "", *devices, method, *seen)


def _figures(figures: Mapping[Measure, Figure], measures: Iterable[Measure]) -> list[Figure]:
    return [figures[name] for name in measures]


def _signed(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    interval = "" if figure.low is None or figure.high is None else f"\n{figure.low:+.3f} to {figure.high:+.3f}"
    return f"{figure.value:+.3f}{interval}"


def _seen_in_training(evaluation: DetectionEvaluation) -> str:
    if evaluation.frames_seen is None:
        return "The bundle does not say which frames its training saw."
    if evaluation.frames_seen:
        return f"[bold red]{evaluation.frames_seen} of these frames were seen in training: not a test.[/bold red]"
    return "None of these frames was seen in training."


def _table(title: str, scores: Scores, measures: Sequence[Measure], counts: Sequence[str]) -> Table:
    table = _blank(title, [_HEADINGS[name] for name in measures] + ["n"])
    for structure, count in zip(STRUCTURES, counts, strict=True):
        table.add_row(structure.label, *_cells(scores.structures[structure], measures), count)
    table.add_section()
    table.add_row("mean", *_cells(scores.mean, measures), "")
    return table


def _visibility(evaluation: DetectionEvaluation) -> Table:
    table = _blank("seen or not", ["boxed, seen", "boxed, not", "unboxed, seen", "unboxed, not"])
    for structure, cells in evaluation.visibility.items():
        counts = (cells.boxed_seen, cells.boxed_not_seen, cells.unboxed_seen, cells.unboxed_not_seen)
        table.add_row(structure.label, *map(str, counts))
    return table


def _devices(evaluation: DetectionEvaluation) -> Table:
    columns = (
        Column("device family"),
        *(Column(_HEADINGS[name], justify="right") for name in _OVERLAP),
        Column("frames"),
    )
    table = Table(*columns, title="mean over the structures", title_justify="left", box=None, pad_edge=False)
    for device, each in evaluation.by_device.items():
        table.add_row(device, *_cells(each.scores.mean, _OVERLAP), str(each.frames))
    return table


def _blank(title: str, headings: Iterable[str], first: str = "structure") -> Table:
    columns = [Column(first, no_wrap=True), *(Column(heading, justify="right") for heading in headings)]
    return Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1))


def _cells(figures: Mapping[Measure, Figure], measures: Iterable[Measure]) -> list[str]:
    return [_cell(one) for one in _figures(figures, measures)]


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    interval = "" if figure.low is None or figure.high is None else f"\n{figure.low:.3f}-{figure.high:.3f}"
    return f"{figure.value:.3f}{interval}"
