"""Decode in a process of its own, with a bound on memory and on wall-clock time.

Idle processes are kept for the next file, one for each reader that works at the same time; none
of them changes what is read. They end when this process does.
"""

from __future__ import annotations

import atexit
import base64
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from nonet.errors import EnvironmentFailure, FrameError, InputTooLarge, NonetError, NotAnImage
from nonet.frames import decoder
from nonet.frames.guards import Limits, check_density, check_geometry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nonet.frames.decoder import Reply, Request

__all__ = ["Sandbox", "borrow"]

_SAMPLE_CAP_BYTES = 12
"""Bytes that one decoded pixel takes at most: three samples of 32 bits."""
_PACKAGES = ("numpy", "PIL", "pydicom", "gdcm", "jpeg_ls", "pylibjpeg", "openjpeg", "simplejpeg")
_KNOWN_GOOD = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNgYGBgYAAAAAYAAXKCmeoAAAAASUVORK5CYII="
)
"""A PNG of 2 x 2 black pixels: a decoder that cannot read it cannot read anything."""


class Sandbox:
    """A decoder process.

    Parameters
    ----------
    limits
        Time, memory and pixels that an answer may take; set anew by each who borrows it.

    Raises
    ------
    EnvironmentFailure
        If the process cannot be started.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._owes_answer = False
        self._greeted = False
        self._opened_bytes = 0
        self._process = _start()

    @property
    def idle(self) -> bool:
        """Whether the process runs and owes no answer."""
        return not self._owes_answer and self._process.poll() is None

    def open_still(self, data: bytes) -> Reply:
        """Open an image file; the reply holds its ``format``, its ``pages``, their ``bits`` and a ``warning``."""
        self._opened_bytes = len(data)
        if not self.idle:
            self._start_again()
        return self._ask({"do": "still", "memory": self.limits.decode_bytes, "pixels": self.limits.pixels}, data)[0]

    def page(self, index: int) -> NDArray[np.uint8]:
        """One page of the file that was opened: ``uint8[H, W]`` grey or ``uint8[H, W, 3]`` RGB."""
        pixels = self.limits.pixels_in(self._opened_bytes)
        request: Request = {"do": "page", "index": index, "pixels": pixels, "side": self.limits.side}
        reply, data = self._ask(request)
        return np.frombuffer(data, np.uint8).reshape(reply["shape"])

    def dicom_frame(
        self, data: bytes, syntax: str, options: dict[str, int | str]
    ) -> tuple[NDArray[np.integer], str, str]:
        """One compressed DICOM frame as ``[rows, columns]`` or ``[rows, columns, 3]``, its colour model, a warning."""
        if not self.idle:
            self._start_again()
        request: Request = {
            "do": "dicom",
            "memory": self.limits.decode_bytes,
            "syntax": syntax,
            "options": options,
        }
        reply, samples = self._ask(request, data)
        array = np.frombuffer(samples, np.dtype(reply["dtype"])).reshape(reply["shape"])
        return array, reply["photometric"], reply["warning"]

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._process.kill()
        self._process.communicate()

    def _ask(self, request: Request, data: bytes = b"") -> tuple[Reply, bytes]:
        out_of_time = threading.Event()

        def stop() -> None:
            out_of_time.set()
            self._process.kill()

        timer = threading.Timer(self.limits.decode_seconds, stop)
        timer.start()
        try:
            answer = self._exchange(request, data)
        finally:
            timer.cancel()
        if answer is None:
            self.close()
            raise _out_of_time(self.limits) if out_of_time.is_set() else _stopped(answered=self._greeted)
        if "error" in answer[0]:
            raise _refusal(answer[0], self.limits, self._opened_bytes)
        return answer

    def _start_again(self) -> None:
        """Put a new process in the place of one that ended, for the next frame of a file."""
        self.close()
        self._process, self._greeted, self._owes_answer = _start(), False, False

    def _exchange(self, request: Request, data: bytes) -> tuple[Reply, bytes] | None:
        sender, receiver = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        self._owes_answer = True
        try:
            self._greeted = self._greeted or receiver.read(len(decoder.GREETING)) == decoder.GREETING
            if not self._greeted:
                return None
            decoder.write_message(sender, request, data)
            answer = decoder.read_reply(receiver, _SAMPLE_CAP_BYTES * self.limits.pixels)
            self._owes_answer = answer is None
            return answer
        except (OSError, ValueError):
            return None


@contextmanager
def borrow(limits: Limits) -> Iterator[Sandbox]:
    """A decoder process for one file, idle or new; it goes back if it survives."""
    sandbox = _take_idle() or Sandbox(limits)
    sandbox.limits = limits
    try:
        yield sandbox
    finally:
        if sandbox.idle:
            _idle.append(sandbox)
        else:
            sandbox.close()


_idle: list[Sandbox] = []


def _start() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
            [sys.executable, "-I", str(Path(decoder.__file__)), *_package_folders()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    except OSError as problem:
        raise _no_decoder(f"none that starts: {(problem.strerror or 'no reason given').lower()}") from problem


@cache
def _package_folders() -> tuple[str, ...]:
    """Where the codecs' packages are installed; a folder of the caller's own modules is none of them."""
    specs = [spec for name in _PACKAGES if (spec := find_spec(name))]
    homes = [Path(place) for spec in specs for place in spec.submodule_search_locations or [spec.origin or ""]]
    return tuple(dict.fromkeys(str(home.parent) for home in homes))


def _take_idle() -> Sandbox | None:
    with suppress(IndexError):
        while True:
            if (sandbox := _idle.pop()).idle:
                return sandbox
            sandbox.close()
    return None


@atexit.register
def _close_idle() -> None:
    while (sandbox := _take_idle()) is not None:
        sandbox.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)


def _refusal(reply: Reply, limits: Limits, file_bytes: int) -> NonetError:
    if reply["error"] == "geometry":
        try:
            check_geometry(reply["width"], reply["height"], limits)
            check_density(reply["width"] * reply["height"], file_bytes, limits)
        except FrameError as refusal:
            return refusal
    if reply["error"] == "environment":
        raise _no_decoder(f"one that lacks {reply.get('detail', 'a package')}")
    if reply["error"] == "memory":
        return InputTooLarge(
            f"A frame decodes within {limits.decode_bytes} bytes",
            found="one that needs more",
            remedy="Export the image again, or raise Limits",
        )
    return NotAnImage(
        "A frame decodes without a fault",
        found=reply.get("detail", "a fault"),
        remedy="Copy or export the image again",
    )


def _out_of_time(limits: Limits) -> InputTooLarge:
    return InputTooLarge(
        f"A frame decodes within {limits.decode_seconds:g} seconds",
        found="one that takes longer",
        remedy="Export the image again, or raise Limits",
    )


def _stopped(*, answered: bool) -> NonetError:
    """The fault of a decoder that ended: the file's, unless it never answered or a good file ends it too."""
    if not answered or not _reads_a_good_file():
        return _no_decoder("one that ends before it answers, whatever the file")
    return NotAnImage(
        "A frame decodes without a fault",
        found="data that stopped the decoder",
        remedy="Copy or export the image again",
    )


def _reads_a_good_file() -> bool:
    sandbox = Sandbox(Limits())
    try:
        answer = sandbox._exchange({"do": "still", "memory": Limits().decode_bytes, "pixels": 4}, _KNOWN_GOOD)
        return answer is not None and "error" not in answer[0]
    finally:
        sandbox.close()


def _no_decoder(found: str) -> EnvironmentFailure:
    return EnvironmentFailure(
        "Images are decoded in a process of their own",
        found=found,
        remedy="Allow this program to start processes, and install Nonet again in a fresh environment",
    )
