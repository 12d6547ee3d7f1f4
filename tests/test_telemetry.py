"""Nothing leaves the machine, and nothing is left behind: each command is run under strace in a fresh home."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FRAME = sorted(EXAMPLES.glob("*.png"))[0]
STILL = sorted((EXAMPLES / "dicom").glob("*still.dcm"))[0]

ROUTING = re.compile(r'sin_port=htons\(53\), sin_addr=inet_addr\("8.8.8.8"\)')
"""Ray points a datagram socket there to learn by which address this machine would go out; nothing is sent."""
LOOPBACK = re.compile(r'"(127\.[0-9.]+|::1|::ffff:127\.[0-9.]+)"')

COMMANDS = {
    "read": ["read", FRAME, STILL, "-o", "OUT/readings"],
    "read with workers": ["read", FRAME, STILL, "-o", "OUT/readings", "--workers", "2"],
    "watch": ["watch", EXAMPLES / "dicom", "OUT/watched", "--once", "--settle", "0"],
    "check": ["check", EXAMPLES],
    "deidentify": ["deidentify", EXAMPLES / "dicom", "OUT/deidentified"],
    "simulate": ["simulate", "-o", "OUT/simulated"],
    "features radiomics": ["features", "radiomics", EXAMPLES, "-o", "OUT/radiomics.parquet", "--workers", "2"],
    "features deep": ["features", "deep", EXAMPLES, "-o", "OUT/deep.parquet"],
    "evaluate detection": ["evaluate", "detection", EXAMPLES, "--json"],
    "model show": ["model", "show"],
    "model verify": ["model", "verify"],
}


def traces() -> bool:
    """Whether strace is there and allowed to trace."""
    strace = shutil.which("strace")
    return (
        strace is not None and subprocess.run([strace, "-f", "true"], capture_output=True, check=False).returncode == 0
    )


needs_strace = pytest.mark.skipif(not traces(), reason="needs strace, and a machine that allows tracing")


def run_traced(command: list[str | Path], folder: Path) -> tuple[list[str], list[Path]]:
    """Run Python with arguments: the lines that open an internet socket, the files left in home and TMPDIR."""
    home, temporary = folder / "home", folder / "temporary"
    home.mkdir()
    temporary.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = {**kept, "HOME": str(home), "TMPDIR": str(temporary)}
    trace = folder / "trace"
    run = subprocess.run(
        ["strace", "-f", "-e", "trace=socket,connect", "-o", trace, sys.executable, *command],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    sockets = [line for line in trace.read_text(errors="replace").splitlines() if "AF_INET" in line]
    left = [path for place in (home, temporary) for path in place.rglob("*") if path.is_file()]
    return sockets, left


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_opens_no_internet_socket_and_leaves_no_file(name: str, tmp_path: Path) -> None:
    arguments = [str(part).replace("OUT", str(tmp_path / "out")) for part in COMMANDS[name]]
    (tmp_path / "out").mkdir()
    assert run_traced(["-c", "from nonet.cli import main; main()", *arguments], tmp_path) == ([], [])


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    ["nonet.train.detector.training", "nonet.study.pipeline", "nonet.train.graders", "nonet.study.report.drawing"],
)
def test_importing_what_trains_leaves_no_file_either(module: str, tmp_path: Path) -> None:
    assert run_traced(["-c", f"import nonet, {module}"], tmp_path) == ([], [])


@needs_strace
@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra: pip install 'nonet[ray]'")
def test_ray_on_this_machine_talks_to_the_loopback_alone_and_leaves_no_file(tmp_path: Path) -> None:
    command = ["read", FRAME, "-o", tmp_path / "out", "--engine", "ray", "--workers", "1"]
    sockets, left = run_traced(["-c", "from nonet.cli import main; main()", *command], tmp_path)
    connected = [line for line in sockets if "connect(" in line and "sin" in line]
    assert connected
    elsewhere = [line for line in connected if not LOOPBACK.search(line)]
    assert [line for line in elsewhere if not ROUTING.search(line)] == []
    assert left == []


@needs_strace
def test_the_check_can_fail(tmp_path: Path) -> None:
    sockets, left = run_traced(["-c", "import socket, tempfile; socket.socket(); tempfile.mkstemp()"], tmp_path)
    assert len(sockets) == 1
    assert len(left) == 1


def test_onnxruntime_imported_first_gives_one_warning() -> None:
    script = "import onnxruntime, nonet, nonet.reader"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stderr.count("UserWarning") == 1
    assert "import nonet first" in run.stderr.lower()


def test_pydicom_goes_without_requests_and_others_may_have_it() -> None:
    pytest.importorskip("requests")
    script = "import sys, nonet, pydicom; assert 'urllib3' not in sys.modules; import requests; requests.Session()"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_requests_that_is_there_already_stays() -> None:
    pytest.importorskip("requests")
    script = "import requests, nonet, pydicom, sys; assert sys.modules['requests'] is requests"
    subprocess.run([sys.executable, "-c", script], check=True)
