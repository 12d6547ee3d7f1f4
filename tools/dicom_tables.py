"""Tables of the DICOM results: codes from the code, costs from the benchmark."""

from __future__ import annotations

import json
from pathlib import Path

from markdown_table import markdown_table

from nonet.anatomy import CODES, Code
from nonet.outputs.dicom import codes

__all__ = ["TABLES"]

_RESULT = Path(__file__).parents[1] / "benchmarks/results/dicom-results.json"


def _row(code: Code) -> list[str]:
    return [code.scheme, f"`{code.value}`", code.meaning]


def _published() -> str:
    found = [code for code in codes.all_codes() if code.scheme != codes.PRIVATE_SCHEME]
    return markdown_table([["scheme", "value", "meaning"], *map(_row, found)])


def _private() -> str:
    found = [code for code in codes.all_codes() if code.scheme == codes.PRIVATE_SCHEME]
    return markdown_table([["value", "meaning"], *(_row(code)[1:] for code in found)])


def _sites() -> str:
    rows = [[structure.label, *_row(code)] for structure, code in CODES.items()]
    return markdown_table([["structure", "scheme", "value", "meaning"], *rows])


def _extensions() -> str:
    return markdown_table([["value", "why"], *([f"`{value}`", why] for value, why in codes.EXTENSIONS.items())])


def _cost() -> str:
    found = json.loads(_RESULT.read_text())
    named = {"sr": "report", "gsps": "presentation state", "sr_and_gsps": "both"}
    rows = [
        [name, *(f"{found[key][figure]:g}" for figure in ("wall_ms_median", "cpu_ms_median", "bytes"))]
        for key, name in named.items()
    ]
    return markdown_table([["", "ms, median", "processor ms, median", "bytes"], *rows])


def _cine() -> str:
    found = json.loads(_RESULT.read_text())["cine"]
    rows = [
        [name, *(f"{found[f'{key}_{figure}']:g}" for figure in ("cpu_ms_a_frame", "bytes_a_frame", "peak_mib"))]
        for key, name in {"sr": "report", "gsps": "presentation state"}.items()
    ]
    heading = [f"{found['frames']} frames", "processor ms a frame", "bytes a frame", "peak of memory, MiB"]
    return markdown_table([heading, *rows])


TABLES = {
    "dicom-codes": _published,
    "dicom-private-codes": _private,
    "dicom-sites": _sites,
    "dicom-extensions": _extensions,
    "dicom-cost": _cost,
    "dicom-cine": _cine,
}
