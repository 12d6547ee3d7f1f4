"""One task of mercure: every image of the in folder is read, its results go into the out folder.

mercure names files ``SERIES#INSTANCE.dcm``; results are named likewise, by their own series and instance. Beside them
lies ``result.json``, which mercure keeps with the task: the readings, and what could not be read.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nonet.environment import environment_failure, stops_everything
from nonet.errors import Failure, NonetError
from nonet.files import replacing, replacing_path
from nonet.serve.own_files import is_own_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

    from nonet.reader import Reader
    from nonet.reading import Reading

__all__ = ["RESULT_NAME", "ModuleRun", "run_module"]

RESULT_NAME = "result.json"
_SUFFIX = ".dcm"


@dataclass(slots=True)
class ModuleRun:
    """What became of a task: readings, failures, and how many files were Nonet's own and passed over."""

    readings: list[Reading] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    read: int = 0
    own: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON values: nothing of the patient is in them."""
        return {
            "readings": [reading.to_dict() for reading in self.readings],
            "failures": [failure.to_dict() for failure in self.failures],
            "own_results_passed_over": self.own,
        }


def run_module(reader: Reader, source: Path, target: Path, kinds: Sequence[str]) -> ModuleRun:
    """Read every DICOM file of a folder and write its results into another.

    Parameters
    ----------
    reader
        What reads.
    source
        mercure's in folder.
    target
        mercure's out folder, which is there.
    kinds
        The results that are written, among ``sr``, ``gsps`` and ``sc``.

    Raises
    ------
    OSError
        If the machine refuses, such as a full disk.
    """
    from nonet.outputs.dicom.results import results_of

    run = ModuleRun()
    for path in sorted(path for path in source.iterdir() if path.suffix == _SUFFIX and path.is_file()):
        if is_own_file(path):
            run.own += 1
            continue
        try:
            pairs = list(reader.read_source(path))
            results = results_of(path, pairs, kinds)
        except Exception as problem:
            error = _as_failure(problem)
            run.failures.append(Failure(path.name, error))
            sys.stderr.write(f"nonet: {error}\n")
            continue
        for result in results:
            _save(result, target)
        run.read += 1
        run.readings += [reading for _, reading in pairs]
    with replacing(target / RESULT_NAME) as file:
        json.dump(run.to_dict(), file, indent=1)
    return run


def _as_failure(problem: Exception) -> NonetError:
    """What one image ended with, also where nobody foresaw it: the others of the task are read all the same.

    Raises
    ------
    OSError
        If it would stop the others too.
    """
    if isinstance(problem, NonetError):
        return problem
    if isinstance(problem, OSError):
        if stops_everything(problem):
            raise problem
        return environment_failure(problem)
    return NonetError(
        "An image is read, or refused with a reason",
        found=f"a fault of the program ({type(problem).__name__})",
        remedy="Report it to those who keep Nonet",
    )


def _save(result: Dataset, target: Path) -> None:
    with replacing_path(target / f"{result.SeriesInstanceUID}#{result.SOPInstanceUID}{_SUFFIX}") as part:
        result.save_as(part, enforce_file_format=True)
