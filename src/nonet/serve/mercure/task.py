"""The settings that mercure hands to a module in ``task.json``, under ``process`` and there ``settings``.

The rest of the file, the patient's name among it, is not looked at, and no error repeats a value of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nonet.errors import SettingsError
from nonet.frames.guards import open_regular

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TASK_NAME", "ModuleSettings", "load_settings"]

TASK_NAME = "task.json"
_CAP_BYTES = 1 << 24

Millimetres = Annotated[float, Field(ge=0.001, le=10)]


class ModuleSettings(BaseModel):
    """What a rule or module of mercure may set.

    Parameters
    ----------
    save
        The results that are written: report, presentation state, picture.
    spacing_mm
        Millimetres per pixel to the right and down, for images that have no calibration.
    force_spacing
        Whether ``spacing_mm`` replaces an image's own calibration.
    accept_failures
        Whether the task succeeds if only some of its images could be read. mercure sends no result of a task that
        failed.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    save: Annotated[list[Literal["sr", "gsps", "sc"]], Field(min_length=1)] = ["sr", "gsps"]
    spacing_mm: Annotated[list[Millimetres], Field(min_length=2, max_length=2)] | None = None
    force_spacing: bool = False
    accept_failures: bool = False


class _Process(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    settings: ModuleSettings = ModuleSettings()


class _Task(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    process: _Process


def load_settings(folder: Path) -> ModuleSettings:
    """The settings of a task; the defaults where its folder holds no ``task.json``.

    Raises
    ------
    SettingsError
        If the file is no task, or a setting is unknown or out of range.
    """
    path = folder / TASK_NAME
    if not path.exists():
        return ModuleSettings()
    with open_regular(path) as file:
        content = file.read(_CAP_BYTES)
    try:
        return _Task.model_validate_json(content).process.settings
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise SettingsError(
            f"Settings in task.json are among {', '.join(ModuleSettings.model_fields)}",
            found=f"{place}: {first['msg'].lower()}",
            remedy="Correct the settings of the module or of the rule in mercure",
        ) from None
