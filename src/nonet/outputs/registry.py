"""The outputs that ``nonet read --save`` knows, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import SettingsError
from nonet.outputs.coco import CocoOutput
from nonet.outputs.csv_table import CsvOutput
from nonet.outputs.cvat import CvatOutput
from nonet.outputs.dicom.output_forms import CaptureOutput, PresentationStateOutput, ReportOutput
from nonet.outputs.page import PageOutput
from nonet.outputs.parquet.parquet_output import ParquetOutput
from nonet.outputs.picture.picture_output import PictureOutput
from nonet.outputs.yolo import YoloOutput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.outputs.output import Output

__all__ = ["DEFAULT_OUTPUTS", "OUTPUTS", "make_outputs"]

OUTPUTS: dict[str, type[Output]] = {
    kind.name: kind
    for kind in (
        CsvOutput,
        PictureOutput,
        PageOutput,
        ParquetOutput,
        CocoOutput,
        YoloOutput,
        CvatOutput,
        ReportOutput,
        PresentationStateOutput,
        CaptureOutput,
    )
}
DEFAULT_OUTPUTS = "csv,picture,page"


def make_outputs(names: str, folder: Path) -> Sequence[Output]:
    """The outputs of a comma-separated list of names, each once, in the list's order.

    Raises
    ------
    SettingsError
        If a name is unknown.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in OUTPUTS]
    if unknown:
        raise SettingsError(
            f"Outputs are among {', '.join(OUTPUTS)}",
            found=", ".join(map(repr, unknown)),
            remedy="Leave it out; the JSON of each reading is always written",
        )
    return [OUTPUTS[name](folder) for name in wanted]
