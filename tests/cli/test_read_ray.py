"""``nonet read --engine ray`` as it would run: a cluster of two nodes, an object store, a node that dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow.dataset as pads
import pytest
from PIL import Image

from nonet.simulate import EXAMPLE_SEEDS, simulate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra: pip install 'nonet[ray]'"),
]

ROOT = Path(__file__).parents[2]
NONET = [sys.executable, "-m", "nonet"]
PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels[::2, ::2]
SECRET = "0123456789abcdef" * 4
FRAMES = 16
HEAD, OTHER = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "images"
    folder.mkdir()
    for number in range(FRAMES - 1):
        Image.fromarray(np.roll(PIXELS, 3 * number, 1)).save(folder / f"{number:02d}.png", compress_level=1)
    (folder / "poisoned.png").write_bytes(b"\x89PNG\r\n\x1a\nand then something else")
    return folder


class Cluster:
    """Nodes on the loopback, each a process; what it started ends with it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind((HEAD, 0))
            self.address = f"{HEAD}:{free.getsockname()[1]}"
        self._folder, self._nodes = folder, {}
        self.environment = {
            **os.environ,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": SECRET,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_failure_threshold": "3",
        }

    def start(self, ip: str) -> None:
        """Start a node with two slots: the head first."""
        head = ["--head", "--port", self.address.rpartition(":")[2], "--include-dashboard=false"]
        options = head if ip == HEAD else ["--address", self.address]
        command = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", *options]
        command += ["--node-ip-address", ip, "--num-cpus=2", "--num-gpus=0", "--block", "--disable-usage-stats"]
        command += ["--object-store-memory", "100000000", "--temp-dir", str(self._folder / ip)]
        log = (self._folder / f"{ip}.log").open("wb")
        self._nodes[ip] = subprocess.Popen(
            command, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        until(lambda: b"Ray runtime started" in (self._folder / f"{ip}.log").read_bytes(), 240, "a node starts")

    def kill(self, ip: str) -> None:
        """End all that a node is, at once."""
        node = self._nodes.pop(ip)
        for pid in [*descendants(node.pid), node.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        node.wait(30)

    def stop(self) -> None:
        for ip in list(self._nodes):
            self.kill(ip)


def descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, waiting = [], [pid]
    while waiting:
        children = [child for child, parent in parents.items() if parent in waiting]
        found += children
        waiting = children
    return found


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"not in time: {what}"
        time.sleep(0.1)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if not sys.platform.startswith("linux"):
        pytest.skip("needs Linux: a second address of the loopback, and /proc")
    with tempfile.TemporaryDirectory(prefix="nr-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        nodes = Cluster(Path(folder))
        try:
            nodes.start(HEAD)
            nodes.start(OTHER)
            yield nodes
        finally:
            nodes.stop()


def rows(folder: Path) -> list[dict[str, object]]:
    return sorted(pads.dataset(folder / "readings").to_table().to_pylist(), key=lambda row: str(row["name"]))


def documents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in (folder / "images").rglob("*.png.json")}


def nonet(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [*NONET, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=900, **options)  # type: ignore[call-overload]


def test_one_machine_gives_the_bytes_of_the_local_engine_and_leaves_nothing(images: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="nr-", dir="/tmp") as place:
        environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": place}
        run = nonet("read", images, "--engine", "ray", "--workers", 2, "--save", "json,picture", "-o", tmp_path / "ray", env=environment)  # fmt: skip  # noqa: E501
        left = [path for path in Path(place).rglob("*") if path.is_file()]
    assert run.returncode == 1, run.stderr  # one file is poisoned
    assert f"{FRAMES - 1} of {FRAMES} files read" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr and "Error" not in run.stderr
    assert left == [] and not (tmp_path / ".ray").exists()
    nonet("read", images, "--save", "picture", "-o", tmp_path / "local")
    assert documents(tmp_path / "ray") == documents(tmp_path / "local")
    assert len(documents(tmp_path / "ray")) == FRAMES - 1
    assert [bool(row["reading"]) for row in rows(tmp_path / "ray")] == [True] * (FRAMES - 1) + [False]
    assert len(list((tmp_path / "ray").rglob("*.picture.png"))) == FRAMES - 1


def test_a_node_that_dies_loses_nothing_and_a_second_run_repeats_nothing(
    images: Path, tmp_path: Path, cluster: Cluster
) -> None:
    out = tmp_path / "out"
    command = [*NONET, "read", images, "--engine", "ray", "--address", cluster.address, "--workers", "3", "-o", out]
    run = subprocess.Popen([str(word) for word in command], env=cluster.environment, stderr=subprocess.PIPE, text=True)
    until(lambda: any(out.glob("readings/*/*.parquet")) or run.poll() is not None, 600, "a first part is written")
    assert run.poll() is None, run.stderr and run.stderr.read()
    cluster.kill(OTHER)
    _, said = run.communicate(timeout=900)
    assert run.returncode == 1, said
    assert f"{FRAMES - 1} of {FRAMES} files read" in said
    names = [row["name"] for row in rows(out)]
    assert len(names) == len(set(names)) == FRAMES
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    again = nonet("read", images, "--engine", "ray", "--address", cluster.address, "-o", out, env=cluster.environment)
    assert f"{FRAMES - 1} of them before" in again.stderr, again.stderr
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == before


def test_a_cluster_without_the_token_is_one_line(images: Path, tmp_path: Path, cluster: Cluster) -> None:
    environment = {**cluster.environment, "RAY_AUTH_TOKEN": "f" * 64}
    run = nonet("read", images, "--engine", "ray", "--address", cluster.address, "-o", tmp_path / "o", env=environment)
    assert run.returncode == 1
    *rays_own, ours = run.stderr.splitlines()
    assert ours.startswith("nonet: ") and "--address" in ours
    assert not [line for line in rays_own if "Traceback" in line or line.startswith("nonet")]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--engine", "spark"], 2, "local or ray"),
        (["--address", "127.0.0.1:6379"], 2, "--engine ray"),
        (["--engine", "ray", "--address", "nowhere"], 1, "HOST:PORT"),
        (["--engine", "ray", "--json"], 2, "--json"),
        (["--engine", "ray", "--again", "--prune"], 2, "--again, --prune"),
        (["--engine", "ray", "--save", "csv"], 1, "json, picture"),
    ],
)
def test_wrong_use_is_refused_before_ray_starts(
    options: list[str], code: int, words: str, images: Path, tmp_path: Path
) -> None:
    run = nonet("read", images, "-o", tmp_path / "out", *options)
    assert run.returncode == code
    assert words in " ".join(run.stderr.split())


def test_an_empty_folder_is_said_and_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    begun = time.monotonic()
    run = nonet("read", tmp_path / "empty", "--engine", "ray", "-o", tmp_path / "out")
    assert run.returncode == 1 and "no image to read" in run.stderr
    assert not (tmp_path / "out").exists()
    assert time.monotonic() - begun < 60


def test_no_readings_of_another_bundle_mix(images: Path, tmp_path: Path) -> None:
    description = tmp_path / "out/.nonet"
    nonet("read", images / "00.png", "--engine", "ray", "--workers", 1, "-o", tmp_path / "out")
    (own,) = description.glob("*.json")
    content = json.loads(own.read_text())
    assert content["outputs"] == [] and content["settings"]["crl_mm"] is None and content["bundle"]["sha256"]
    assert [path.name for path in (tmp_path / "out/readings").iterdir()] == [own.stem]
