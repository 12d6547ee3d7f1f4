"""Read many files into a store of readings, by any engine: nothing finished is lost, and nothing finished is repeated.

The promise of the store: each file's rows stand for its name, its bytes, the bundle and the settings; a part is there
whole or not at all; a run over files of which some are finished reads the others. Rows are never removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter

from nonet.bundle import DEFAULT_BUNDLE
from nonet.errors import Failure, SettingsError
from nonet.files import sha256_of
from nonet.frames.discovery import MARKER
from nonet.outputs.made_by import made_by_hash
from nonet.outputs.read_file import Job, killing
from nonet.outputs.records import name_below
from nonet.outputs.registry import OUTPUTS
from nonet.outputs.store.part import (
    READINGS,
    Finished,
    Part,
    PartDone,
    PartSettings,
    lost_row,
    open_tools,
    read_part,
)
from nonet.reading import Settings
from nonet.work import run_items

if TYPE_CHECKING:
    from nonet.bundle import Bundle
    from nonet.outputs.folder import FoundFile
    from nonet.outputs.store.places import Store
    from nonet.work import Engine

__all__ = ["PART_FILES", "StoreRun", "named_jobs", "outputs_of_frames"]

PART_FILES = 64
"""Files of a part at most: what a killed worker has to do again, and what makes an object large enough."""

_PARTS_A_WORKER = 4
_KEY = "S32"
"""The type of the key of a file."""

Watch = Callable[[Sequence[Part]], Iterable[Part]]


def outputs_of_frames(names: str) -> tuple[str, ...]:
    """The outputs of a comma-separated list that a store can have: those of single frames or files, and ``json``.

    Raises
    ------
    SettingsError
        If one is unknown, or is written of all frames together.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    able = ["json", *(name for name, kind in OUTPUTS.items() if kind.writes_stills() and not kind.writes_folders())]
    others = [name for name in wanted if name not in able and name != "parquet"]
    if others:
        raise SettingsError(
            f"Besides Parquet, outputs in a store are among {', '.join(able)}",
            found=", ".join(map(repr, others)),
            remedy="Leave it out; what all frames share is asked of the Parquet data set",
        )
    return tuple(sorted(set(wanted) - {"parquet"}))


class StoreRun:
    """Files to read and the store that gets their readings.

    Parameters
    ----------
    bundle
        The bundle to read with.
    settings
        What the user chose.
    store
        Where the readings go.
    outputs
        What is written besides the rows, as `outputs_of_frames` gives it.
    mask
        Whether what is burnt in is masked in all that shows pixels.

    Raises
    ------
    SettingsError
        If the store holds readings by the same bundle and settings with other outputs.
    EnvironmentFailure, OSError
        If the store refuses.
    """

    def __init__(
        self, bundle: Bundle, settings: Settings, store: Store, outputs: tuple[str, ...] = (), *, mask: bool = False
    ) -> None:
        folder = None if bundle.folder == DEFAULT_BUNDLE else Path(bundle.folder).absolute()
        self._run = PartSettings(folder, bundle.sha256, settings, store, outputs, mask)
        self._made_by = made_by_hash(bundle.sha256, settings)
        self._describe(bundle)

    def read_all(self, jobs: Sequence[Job], engine: Engine, workers: int, watch: Watch = iter) -> Iterator[PartDone]:
        """Read the files that are not finished, part by part, as they come.

        A part whose worker was killed is read again file by file; a file that kills its worker alone is a row with that
        reason.

        Parameters
        ----------
        jobs
            The files and the names of their results.
        engine
            Where they are read.
        workers
            About how many work at a time: so that each has several parts.
        watch
            Yields the parts one by one, and may show progress.
        """
        opener = partial(open_tools, self._run, self._finished())
        parts = _parts(jobs, workers)
        lost: list[Job] = []
        for done in run_items(read_part, parts, opener, engine=engine, watch=watch, in_order=False, lost=_lost):
            lost += done.lost
            if not done.lost:
                yield done
        alone = [Part((job,)) for job in lost]
        rest = engine.for_what_was_lost()
        for done in run_items(read_part, alone, opener, engine=rest, in_order=False, lost=_lost):
            yield self._of_killing(done.lost[0]) if done.lost else done

    def _describe(self, bundle: Bundle) -> None:
        """Say in the store what its readings were made by; a folder is thereby known as one of results."""
        path = f"{MARKER}/{self._made_by}.json"
        content = {
            "made_by": self._made_by,
            "bundle": asdict(bundle.reference),
            "settings": TypeAdapter(Settings).dump_python(self._run.settings, mode="json"),
            "outputs": list(self._run.outputs),
            "mask_overlay": self._run.mask,
        }
        text = (json.dumps(content, indent=2) + "\n").encode()
        store = self._run.store
        if not store.has(path):
            store.write(path, text)
        elif (before := _saved(store.read(path))) != (content["outputs"], content["mask_overlay"]):
            raise SettingsError(
                "A store keeps to the outputs with which its readings were begun",
                found=f"{_words(*before)} before, {_words(self._run.outputs, self._run.mask)} now",
                remedy="Use the same --save and --mask-overlay, or write to another place",
            )

    def _finished(self) -> Finished:
        store = self._run.store
        paths = [path for path in store.paths_in(f"{READINGS}/{self._made_by}") if path.endswith(".parquet")]
        tables = [store.columns(path, ["item", "failure_rule"]) for path in paths]
        keys = [np.array(table["item"].to_pylist(), _KEY) for table in tables]
        failed = [own[table["failure_rule"].is_valid().to_numpy()] for own, table in zip(keys, tables, strict=True)]
        return Finished(*(np.unique(np.concatenate([np.empty(0, _KEY), *each])) for each in (keys, failed)))

    def _of_killing(self, job: Job) -> PartDone:
        failure = Failure(job.name, killing(job))
        path, data = lost_row(failure, sha256_of(job.path), self._made_by)
        self._run.store.write(path, data)
        return PartDone(read=1, failures=(failure,))


def named_jobs(files: Sequence[FoundFile]) -> list[Job]:
    """The files with the names of their results: the folder that was given, and the path below it.

    Where two folders have one name, the later gets a few digits of a hash of its path.
    """
    folders: dict[Path, Path] = {}
    return [Job(file.path.absolute(), name_below(file.path, file.given, folders)) for file in files]


def _parts(jobs: Sequence[Job], workers: int) -> list[Part]:
    size = max(1, min(PART_FILES, -(-len(jobs) // (_PARTS_A_WORKER * max(1, workers)))))
    return [Part(tuple(jobs[start : start + size])) for start in range(0, len(jobs), size)]


def _lost(part: Part) -> PartDone:
    return PartDone(lost=part.jobs)


def _saved(text: bytes) -> tuple[list[str], bool]:
    content = json.loads(text)
    return list(content["outputs"]), bool(content["mask_overlay"])


def _words(outputs: Sequence[str], mask: bool) -> str:
    return f"--save {','.join(outputs) or 'parquet'}{' --mask-overlay' if mask else ''}"
