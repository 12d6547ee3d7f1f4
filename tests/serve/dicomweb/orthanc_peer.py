"""A real Orthanc for tests, in a network namespace of its own that has nothing but the loopback.

Debian's Orthanc listens on every address whatever it is told, and has known faults: it is a peer for tests only.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
HTTP_PORT, DICOM_PORT = 8042, 4242
USER, PASSWORD = "nonet", "a-password-of-the-test"
_CLONE_NEWNET = 0x40000000
_READY_SECONDS = 60


def makes_namespaces() -> bool:
    command = ["unshare", "-n", "ip", "link", "set", "lo", "up"]
    return shutil.which("ip") is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_orthanc = pytest.mark.skipif(
    shutil.which("Orthanc") is None or not PLUGIN.exists() or not makes_namespaces(),
    reason="needs Orthanc with its DICOMweb plugin, and the right to make a network namespace",
)


class Orthanc:
    """The server, ready to be asked.

    Parameters
    ----------
    folder
        For its configuration and what it stores.
    """

    def __init__(self, folder: Path) -> None:
        configuration = _configured(folder, {USER: PASSWORD})
        command = f"ip link set lo up && exec Orthanc {configuration}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(["unshare", "-n", "sh", "-c", command], stdout=log, stderr=log)
        self._inside = ThreadPoolExecutor(1)
        self._wait(folder / "log")

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.inside(lambda: _enter(self.process.pid))
                if self.ask("GET", "/system")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(log.read_text(errors="replace"))

    def inside(self, call: Callable[[], T]) -> T:
        """Call a function in a thread that is in the server's namespace."""
        return self._inside.submit(call).result()

    def run(self, command: list[object], **options: object) -> subprocess.CompletedProcess[str]:
        """Run a program in the server's namespace."""
        entering = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *map(str, command)]
        return subprocess.run(entering, capture_output=True, text=True, check=False, timeout=240, **options)  # type: ignore[call-overload,no-any-return]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of an answer of its own interface."""
        login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()

        def call() -> tuple[int, bytes]:
            connection = HTTPConnection("127.0.0.1", HTTP_PORT, timeout=60)
            try:
                connection.request(method, path, body, {"Authorization": f"Basic {login}", **headers})
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        return self.inside(call)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._inside.shutdown()


def _configured(folder: Path, users: dict[str, str]) -> Path:
    """Write a configuration; no password is asked for where there are no users."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "HttpPort": HTTP_PORT,
        "DicomPort": DICOM_PORT,
        "DicomAet": "ORTHANC",
        "AuthenticationEnabled": bool(users),
        "RegisteredUsers": users,
        "DicomAlwaysAllowFind": True,
        "OverwriteInstances": True,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings))
    return path


def start_here(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A server without passwords in the namespace of this process, once it answers."""
    with (folder.parent / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(["Orthanc", _configured(folder, {})], stdout=log, stderr=log)
    end = time.monotonic() + _READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return process
        except OSError:
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.1)


def _enter(process: int) -> None:
    """Bring this thread into the network namespace of a process, once it has one of its own."""
    name = Path(f"/proc/{process}/ns/net")
    if name.readlink() == Path("/proc/self/ns/net").readlink():
        raise OSError("not yet")
    descriptor = os.open(name, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(descriptor)
