"""The tables of de-identification: what is left of drawn text, and what becomes of each attribute, from the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markdown_table import markdown_table

from nonet.deidentify.attribute_actions import Action, action_of, attributes_with, basic_profile

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/deidentify.json"


def _text() -> str:
    document = json.loads(RESULT.read_text())
    rows = [
        ["grey level of the text", "left inside the image, mean", "left, worst file", "files that the check warned of"]
    ]
    for level, row in document["share_left_inside"].items():
        rows.append([level, f"{row['mean']:.1%}", f"{row['worst']:.1%}", str(row["warned"])])
    rows += [
        ["pixels left outside the calibrated regions", str(document["pixels_left_outside_regions"]), "", ""],
        ["image blanked where no name is drawn", f"{document['share_of_image_blanked_without_text']:.1%}", "", ""],
        ["median seconds a still", f"{document['median_seconds_a_still']:g}", "", ""],
    ]
    return markdown_table(rows)


def _kept() -> str:
    rows = [["what becomes of them", "attributes"]]
    rows += [
        [action.value, ", ".join(sorted(attributes_with(action)))] for action in Action if action is not Action.REMOVED
    ]
    return markdown_table(rows)


def _profile() -> str:
    rows = [["tag", "attribute", "PS3.15", "Nonet"]]
    rows += [
        [f"({tag[:4].lower()},{tag[4:].lower()})", keyword, code.replace("*", "\\*"), action_of(keyword).value]
        for tag, keyword, code in basic_profile()
    ]
    return markdown_table(rows)


TABLES: dict[str, Callable[[], str]] = {
    "deidentify-text": _text,
    "deidentify-kept": _kept,
    "deidentify-profile": _profile,
}
