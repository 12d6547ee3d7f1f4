"""A real S3-compatible server on the loopback, and a few small files to read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.simulate import EXAMPLE_SEEDS, simulate

PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels[::2, ::2]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "two", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of moto's server, a process that speaks S3 over HTTP, with a bucket ``readings``."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("needs moto and flask: pip install 'moto[s3]' flask flask-cors")
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stdout=file, stderr=file
        )
    try:
        address = _address(log, server)
        urllib.request.urlopen(urllib.request.Request(f"{address}/readings", method="PUT"), timeout=30).close()
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server in the standard environment variables."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)
    return s3_server


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    ends = time.monotonic() + 120
    while time.monotonic() < ends and server.poll() is None:
        for word in log.read_text().split():
            if word.startswith("http://127.0.0.1:"):
                return word
        time.sleep(0.2)
    pytest.skip(f"moto's server does not start here: {log.read_text()[-200:]}")


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight small frames and a file that is none; they are only read."""
    folder = tmp_path_factory.mktemp("source") / "images"
    folder.mkdir()
    for number in range(8):
        Image.fromarray(np.roll(PIXELS, 5 * number, 1)).save(folder / f"{number}.png", compress_level=1)
    (folder / "poisoned.png").write_bytes(b"\x89PNG\r\n\x1a\nand then something else" + os.urandom(64))
    return folder
