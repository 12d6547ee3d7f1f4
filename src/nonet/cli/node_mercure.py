"""``nonet node mercure``: one task of mercure, in the folders that its environment variables name."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from nonet.errors import SettingsError

__all__ = ["mercure"]

_IN, _OUT = "MERCURE_IN_DIR", "MERCURE_OUT_DIR"
_SOME_FAILED = 1


def mercure(
    bundle: Annotated[Path | None, typer.Option(help="Folder of a model bundle; by default the one shipped.")] = None,
) -> None:
    """Read the DICOM files in $MERCURE_IN_DIR and write their results into $MERCURE_OUT_DIR, as a module of mercure.

    Settings come from task.json: save (sr, gsps, sc), spacing_mm, force_spacing, accept_failures.
    """
    from nonet.bundle import DEFAULT_BUNDLE, Bundle
    from nonet.reader import Reader
    from nonet.reading import Settings
    from nonet.serve.mercure.module import run_module
    from nonet.serve.mercure.task import load_settings

    source, target = _folder(_IN), _folder(_OUT)
    settings = load_settings(source)
    spacing = (settings.spacing_mm[0], settings.spacing_mm[1]) if settings.spacing_mm else None
    if settings.force_spacing and spacing is None:
        raise SettingsError(
            "force_spacing needs spacing_mm", found="none", remedy="Set both, or neither, in mercure's settings"
        )
    reader = Reader(Bundle(bundle or DEFAULT_BUNDLE), Settings(spacing, force_spacing=settings.force_spacing))
    run = run_module(reader, source, target, settings.save)
    total = run.read + len(run.failures)
    sys.stderr.write(f"{run.read} of {total} files read, {run.own} of Nonet's own passed over\n")
    if not total and not run.own:
        sys.stderr.write(f"nonet: no .dcm file in {source}; let the rule of mercure choose ultrasound\n")
    if not run.read or (run.failures and not settings.accept_failures):
        raise typer.Exit(_SOME_FAILED if run.failures or not run.own else 0)


def _folder(variable: str) -> Path:
    named = os.environ.get(variable, "")
    if not named or not Path(named).is_dir():
        raise SettingsError(
            f"mercure names a folder in {variable}",
            found=f"{named}: no folder" if named else "nothing",
            remedy="Run this as a module of mercure, or set the variable",
        )
    return Path(named)
