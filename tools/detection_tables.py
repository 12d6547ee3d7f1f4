"""Tables of the detector's page beside the main one: folds, devices, masks, comparisons, the curve, out of scope."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from markdown_table import figure_cell, markdown_table

RESULTS = Path(__file__).parents[1] / "benchmarks/results/detection"
MEASURES = ("ap50", "ap50_95", "iou", "f1")
OWN = "as it is"
HEADINGS = ["AP50", "AP50:95", "IoU of matched", "F1"]
COMPARED = {
    "EfficientNet-lite0, centre maps": "low",
    "EfficientNet-lite0, dense head": "dense-lite0",
    "Swin (small), dense head": "dense-swin",
    "YOLO11n, dense head": "dense-yolo11n",
}
ABLATED = {
    "marks drawn elsewhere, overlays hidden": "low",
    "the same, with overlays masked": "low-masked",
    "neither": "no-marks",
    "neither, with overlays masked": "no-marks-masked",
}
SHARES = {"12.5 %": "share-12", "25 %": "share-25", "50 %": "share-50", "100 %": "low"}
TRAINED_ON = {"both": "low", "GE only": "ge", "Philips only": "philips"}
PASSES = {
    "first 320 x 224 of the image, second 544 x 384": "small-both-set2",
    "the second pass, the first at 384 x 256": "small-first-set2",
    "the mean of two whole passes": "mean-of-passes-set2",
}
SCOPES = {
    "axial heads (HC18, unseen half)": "scope-hc18",
    "the same, by YOLO11n (`bundles/yolo11n`)": "scope-hc18-yolo11n",
    "the same, by the Swin (`bundles/swin`)": "scope-hc18-swin",
    "the same, disguised as frames of this set": "scope-hc18-disguised",
    "other anatomy (pydicom-data)": "scope-other-anatomy",
    "the same, by YOLO11n": "scope-other-yolo11n",
    "the same, by the Swin": "scope-other-swin",
}


def _load(name: str) -> Any:  # noqa: ANN401
    return json.loads((RESULTS / f"{name}.json").read_text())


def _means(title: str, names: dict[str, str]) -> str:
    rows = [[title, *HEADINGS]]
    for label, name in names.items():
        if (RESULTS / f"{name}.json").exists():
            rows.append([label, *(figure_cell(_load(name)["mean"][m], 3) for m in MEASURES)])
    return markdown_table(rows)


def _structures(name: str) -> str:
    document = _load(name)
    rows = [["structure", "n", *HEADINGS]]
    for structure, row in document["structures"].items():
        rows.append([structure.replace("_", " "), str(row["n"]), *(figure_cell(row[m]) for m in MEASURES)])
    rows.append(["**mean**", "", *(figure_cell(document["mean"][m]) for m in MEASURES)])
    return markdown_table(rows)


def _calibration() -> str:
    document = json.loads((RESULTS.parent / "detection-set2.json").read_text())
    extra = ("centre_error_px", "centre_error_mm", "edges_in_band", "visibility_brier")
    rows = [["structure", "centre error, px", "centre error, mm", "edges inside their 90 % band", "Brier, visible"]]
    rows += [[s.replace("_", " "), *(figure_cell(row[m]) for m in extra)] for s, row in document["structures"].items()]
    rows.append(["**mean**", *(figure_cell(document["mean"][m]) for m in extra)])
    return markdown_table(rows)


def _devices() -> str:
    document = json.loads((RESULTS.parent / "detection-set2.json").read_text())
    rows = [["device family", "frames", *HEADINGS]]
    for device, row in document["by_device"].items():
        rows.append([device, str(row["frames"]), *(figure_cell(row["mean"][m]) for m in MEASURES)])
    return markdown_table(rows)


def _across() -> str:
    rows = [["trained on", "tested on", "frames", *HEADINGS]]
    for label, name in TRAINED_ON.items():
        for device, row in _load(name)["by_device"].items():
            if device in {"GE", "Philips"}:
                rows.append([label, device, str(row["frames"]), *(figure_cell(row["mean"][m], 3) for m in MEASURES)])
    return markdown_table(rows)


def _scope() -> str:
    rows = [
        [
            "frames without any of the nine",
            "n",
            "false structures a frame",
            "frames with any",
            "called a standard plane",
        ]
    ]
    for label, name in SCOPES.items():
        document = _load(name)
        names = ("false_structures_per_frame", "frames_with_any", "frames_called_standard")
        figures = (document[name] for name in names)
        rows.append([label, str(document["frames"]), *(figure_cell(figure) for figure in figures)])
    return markdown_table(rows)


def _passes() -> str:
    document = json.loads((RESULTS.parent / "head_passes.json").read_text())
    made = {name: one for name, one in document.items() if isinstance(one, dict)}
    pictures = list(next(iter(next(iter(made.values())).values())))
    rows = [["detector", "passes", "ms", *pictures]]
    for detector, variants in made.items():
        for variant, shown in variants.items():
            figures = [_both(one) for one in shown.values()]
            rows.append([detector, variant, f"{shown[pictures[0]]['milliseconds']:.0f}", *figures])
    return markdown_table(rows)


def _full_strength(name: str) -> str:
    rows = [
        ["detector", "AP50", "AP50:95", "less the first", "IoU of matched", "F1", "centre error, px", "ms to locate"]
    ]
    for one in _load(name)["detectors"]:
        mean = one["mean"]
        less = _signed(one["less_the_first"]["mean"]["ap50_95"]) if "less_the_first" in one else ""
        shown = [figure_cell(mean["ap50"], 3), figure_cell(mean["ap50_95"], 3), less]
        shown += [figure_cell(mean["iou"], 3), figure_cell(mean["f1"], 3), figure_cell(mean["centre_error_px"])]
        rows.append([_bundle(one), *shown, f"{one['milliseconds']:.0f}"])
    return markdown_table(rows)


def _full_strength_structures() -> str:
    detectors = _load("full-strength")["detectors"]
    names = [_bundle(one) for one in detectors]
    heads = [f"{name}, {what}" for name in names for what in ("AP50 / AP50:95", "F1")]
    rows = [["structure", *heads, *(f"{name} less the first, AP50:95" for name in names[1:])]]
    for structure in detectors[0]["structures"]:
        cells = []
        for one in detectors:
            own = one["structures"][structure]
            cells += [_both(own), f"{own['f1']['value']:.3f}"]
        less = (one["less_the_first"]["structures"][structure]["ap50_95"] for one in detectors[1:])
        rows.append([structure.replace("_", " "), *cells, *map(_signed, less)])
    return markdown_table(rows)


def _full_strength_makers() -> str:
    detectors = _load("full-strength")["detectors"]
    rows = [["frames of", "n", *map(_bundle, detectors)]]
    for maker, shown in detectors[0]["by_device"].items():
        cells = [
            f"{figure_cell(mean['ap50'], 3)} / {figure_cell(mean['ap50_95'], 3)}"
            for mean in (one["by_device"][maker]["mean"] for one in detectors)
        ]
        rows.append([maker, str(shown["frames"]), *cells])
    return markdown_table(rows)


def _bundle(detector: dict[str, Any]) -> str:
    return f"{detector['bundle']['name']} {detector['bundle']['version']}"


def _both(figures: dict[str, Any]) -> str:
    return f"{figures['ap50']['value']:.3f} / {figures['ap50_95']['value']:.3f}"


def _signed(figure: dict[str, float]) -> str:
    return "{value:+.3f} ({low:+.3f} to {high:+.3f})".format(**figure)


def _zooms_beside() -> str:
    """AP of the shipped detector and of those beside it on the zoom twins of the same frames."""
    documents = [
        json.loads((RESULTS.parent / "robustness.json").read_text()),
        *map(_load, ("zooms-yolo11n", "zooms-swin")),
    ]
    rows = [["picture", *(f"{name}: AP50 / AP50:95" for name in ("shipped", "YOLO11n", "Swin"))]]
    pictures = [{one["twin"]: one for one in document["twins"]} | {OWN: document[OWN]} for document in documents]
    names = (OWN, *(one["twin"] for one in documents[1]["twins"]))
    rows += [[name, *(_both(one[name]) for one in pictures)] for name in names]
    return markdown_table(rows)


def _box_noise() -> str:
    document = json.loads((RESULTS.parent / "box_noise.json").read_text())
    rows = [
        [
            "structure",
            "ceiling: AP50",
            "reached",
            "ceiling: AP50:95",
            "reached",
            "two readings' IoU",
            "one image boxed twice",
        ]
    ]
    for structure, row in [*document["structures"].items(), ("**mean**", document["mean"])]:
        cells = []
        for name in ("ap50", "ap50_95"):
            cells += [figure_cell(row[name], 3), f"{row['measured'][name]['value']:.3f}"]
        twice = row.get("boxed_twice_iou")
        cells += [figure_cell(row["read_twice_iou"]), "" if twice is None else f"{twice:.2f}"]
        rows.append([structure.replace("_", " "), *cells])
    return markdown_table(rows)


TABLES = {
    "detection-full-strength": partial(_full_strength, "full-strength"),
    "detection-like-budget": partial(_full_strength, "like-budget"),
    "detection-full-strength-structures": _full_strength_structures,
    "detection-full-strength-makers": _full_strength_makers,
    "detection-zooms-beside": _zooms_beside,
    "box-noise": _box_noise,
    "head-passes": _passes,
    "detection-passes": lambda: _means("boxes", PASSES),
    "detection-calibration": _calibration,
    "detection-devices": _devices,
    "detection-kept": lambda: _structures("set2-kept"),
    "detection-folds": lambda: _structures("folds"),
    "detection-compared": lambda: _means("network", COMPARED),
    "detection-ablated": lambda: _means("training", ABLATED),
    "detection-curve": lambda: _means("share of Set1's frames", SHARES),
    "detection-across": _across,
    "detection-scope": _scope,
}
