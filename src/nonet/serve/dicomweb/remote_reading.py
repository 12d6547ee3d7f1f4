"""Read what a DICOMweb server holds: fetched a few instances at a time into a private folder, read, deleted."""

from __future__ import annotations

import re
import shutil
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import EnvironmentFailure, Failure, NonetError
from nonet.frames.discovery import MARKER
from nonet.outputs.folder import FoundFile
from nonet.serve.own_files import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.outputs.folder import NamedReading, OutputFolder
    from nonet.outputs.read_file import Job
    from nonet.serve.dicomweb.address import DicomWebAddress
    from nonet.serve.dicomweb.peer import DicomWebPeer, RemoteInstance

__all__ = ["RemoteReading"]

_AT_ONCE = 16
_AT_ONCE_BYTES = 512 << 20
_FOLDER = "fetched"


@dataclass(frozen=True, slots=True)
class RemoteReading:
    """What is read of a server, and whether results go back to it.

    Parameters
    ----------
    peer
        The server.
    address
        A study, a series or an instance on it.
    folder
        The output folder.
    kinds
        The results that are stored on the server, such as ``("sr", "gsps")``; none if empty.
    """

    peer: DicomWebPeer
    address: DicomWebAddress
    folder: OutputFolder
    kinds: tuple[str, ...] = ()

    def read(
        self, watch: Callable[[Sequence[Job]], Iterable[Job]], *, again: bool, workers: Callable[[int], int]
    ) -> Iterator[NamedReading]:
        """The readings of every ultrasound instance; what cannot be fetched or stored is a failure of the folder.

        Of an instance that cannot be read nothing is stored, whatever an earlier run left of it in the folder.

        Parameters
        ----------
        watch, again
            As of `OutputFolder.read_all`.
        workers
            The number of processes for so many files.

        Raises
        ------
        EnvironmentFailure
            If the server does not answer; what was read before is kept.
        """
        waiting = deque(self.peer.ultrasound(self.address))
        with _private(self.folder.out / MARKER / _FOLDER) as place:
            while waiting:
                fetched = self._fetch(waiting, place)
                paths = [file.path for file in fetched]
                yield from self.folder.read_files(paths, watch, again=again, workers=workers(len(paths)))
                failed = {failure.name for failure in self.folder.failures}
                for file in fetched:
                    if (name := self.folder.names[file.path]) not in failed:
                        self._store(name)
                    file.path.unlink()

    def _fetch(self, waiting: deque[RemoteInstance], place: Path) -> list[FoundFile]:
        """The next few instances, taken into the folder; own results are passed over."""
        fetched: list[FoundFile] = []
        size = 0
        while waiting and len(fetched) < _AT_ONCE and size < _AT_ONCE_BYTES:
            remote = waiting.popleft()
            path = place / remote.study / remote.series / remote.instance
            path.parent.mkdir(parents=True, exist_ok=True)
            file = FoundFile(path, place, f"{self.address.base_url}/{path.relative_to(place).as_posix()}")
            if not self._fetch_one(remote, file):
                continue
            if is_own_file(path):
                path.unlink()
                continue
            self.folder.add([file])
            fetched.append(file)
            size += path.stat().st_size
        return fetched

    def _fetch_one(self, remote: RemoteInstance, file: FoundFile) -> bool:
        """Fetch an instance; whether it came. One that did not is a failure."""
        try:
            self.peer.fetch(remote, file.path)
        except EnvironmentFailure:
            raise
        except NonetError as error:
            file.path.unlink(missing_ok=True)
            (name,) = self.folder.add([file])
            self.folder.failures.append(Failure(name, error))
            return False
        return True

    def _store(self, name: str) -> None:
        """Store the results of an instance on the server."""
        from pydicom import dcmread

        paths = [path for kind in self.kinds for path in _results(self.folder.out / name, kind)]
        if not paths:
            return
        try:
            self.peer.store(self.address.study, [dcmread(path) for path in paths])
        except EnvironmentFailure:
            raise
        except NonetError as error:
            self.folder.failures.append(Failure(name, error))


def _results(base: Path, kind: str) -> list[Path]:
    """The files of one kind of an instance's results: one of the instance, or one of each frame."""
    own = re.compile(rf"{re.escape(base.name)}(\.frame-\d+)?\.{kind}\.dcm")
    return sorted(path for path in base.parent.glob(f"*.{kind}.dcm") if own.fullmatch(path.name))


@contextmanager
def _private(place: Path) -> Iterator[Path]:
    """A folder that none but this user may look into, empty at first, gone at the end."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
