"""A frame goes one way: each stage of the architecture is entered once, in the order of the map."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

from nonet.bundle import Bundle
from nonet.frame import Frame
from nonet.frames import open_frames
from nonet.reader import Reader

EXAMPLES = Path(__file__).parents[1] / "examples"
STAGES = ["frames", "detect", "features", "measure", "grade"]
WITHIN = {"radiomics": "features", "deep": "features"}
"""The two families of features are computed by the stage of that name."""


def passed_by(frame: Frame, reader: Reader) -> tuple[list[str], list[str]]:
    """The modules of Nonet that a frame passes in `Reader.read_frame`, and the stages that the reader itself calls."""
    modules: list[str] = []
    stages: list[str] = []

    def note(called: FrameType, event: str, _: object) -> None:
        module = str(called.f_globals.get("__name__", ""))
        if event != "call" or not module.startswith("nonet."):
            return
        modules.append(module)
        caller = called.f_back.f_globals.get("__name__") if called.f_back else None
        package = module.split(".")[1]
        if caller == "nonet.reader" and package in STAGES:
            stages.append(package)

    sys.setprofile(note)
    try:
        reader.read_frame(frame)
    finally:
        sys.setprofile(None)
    return list(dict.fromkeys(modules)), stages


def test_each_stage_is_entered_once_and_in_order() -> None:
    modules, stages = passed_by(next(open_frames(EXAMPLES / "dicom/fir-still.dcm")), Reader(Bundle()))
    print("modules that a frame passes, in order of entry:", *modules, sep="\n  ")  # noqa: T201
    assert [stage for place, stage in enumerate(stages) if stages[:place][-1:] != [stage]] == STAGES


def test_no_stage_runs_another_stage_before_it() -> None:
    """In order of first entry, the packages of the stages come as on the map, the families inside their features."""
    modules, _ = passed_by(next(open_frames(EXAMPLES / "dicom/fir-still.dcm")), Reader(Bundle()))
    packages = [module.split(".")[1] for module in modules]
    order = [WITHIN.get(package, package) for package in packages]
    assert [stage for stage in dict.fromkeys(order) if stage in STAGES] == STAGES
