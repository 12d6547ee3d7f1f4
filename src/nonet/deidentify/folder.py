"""De-identify files and folders: each file alone, a report and contact sheets of all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nonet.deidentify.clean_file import Options, clean_file
from nonet.deidentify.contact_sheet import ContactSheets
from nonet.deidentify.report import FailedFile, Report
from nonet.environment import environment_failure, stops_everything
from nonet.errors import Failure, NonetError, SettingsError
from nonet.frames.discovery import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["deidentify"]


def deidentify(
    source: Path,
    out: Path,
    options: Options,
    *,
    key: str,
    watch: Callable[[Sequence[Path]], Iterable[Path]] = iter,
    fail: Callable[[Failure], None] = lambda failure: None,
) -> Report:
    """Write the de-identified images of a file or folder, ``report.json`` and contact sheets.

    Parameters
    ----------
    source
        A DICOM file, or a folder that is searched to its depths.
    out
        A folder that is not there yet, or is empty.
    options
        Key, dates, limits.
    key
        Where the key comes from, in words for the report.
    watch
        Yields the files one by one, and may show progress.
    fail
        Called with each failure, which names the file; the report does not.

    Raises
    ------
    SettingsError
        If the output folder holds anything.
    OSError
        If the machine refuses what every other file would need too.
    """
    _claim(out)
    files = find_files([source], skip=out)
    report, sheets = Report(options.dates.value, key, _others(source, out, files)), ContactSheets(out)
    try:
        for number, path in enumerate(watch(files), start=1):
            try:
                report.cleaned.append(clean_file(path, number, out, options, sheets.add))
            except NonetError as error:
                report.failed.append(FailedFile.of(number, error))
                fail(Failure(str(path), error))
            except OSError as problem:
                if stops_everything(problem):
                    raise
                refused = environment_failure(OSError(problem.errno, problem.strerror))
                report.failed.append(FailedFile.of(number, refused))
                fail(Failure(str(path), refused))
    finally:
        sheets.finish()
        report.contact_sheets = sheets.names
        report.write(out)
    return report


def _claim(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise SettingsError(
            "De-identified images go to a folder of their own, so that nothing is overwritten or mixed",
            found=f"{out}, which holds files",
            remedy="Name a folder that is empty or not there yet",
        )


def _others(source: Path, out: Path, files: Sequence[Path]) -> int:
    """How many files of a folder are no images: they are left alone."""
    if not source.is_dir():
        return 0
    skipped = os.path.realpath(out)
    total = 0
    for root, folders, names in os.walk(source):
        folders[:] = [name for name in folders if os.path.realpath(os.path.join(root, name)) != skipped]  # noqa: PTH118
        total += len(names)
    return max(total - len(files), 0)
