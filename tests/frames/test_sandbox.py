"""The decoder process: killed when it takes too long or answers nonsense, replaced, never left behind."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.errors import EnvironmentFailure, InputTooLarge, NotAnImage
from nonet.frames import Limits, open_frames
from nonet.frames import sandbox as sandbox_module
from nonet.frames.sandbox import Sandbox, borrow


def png(pixels: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_a_process_serves_one_file_after_the_other(ramp: np.ndarray) -> None:
    with borrow(Limits()) as first:
        first.open_still(png(ramp))
        np.testing.assert_array_equal(first.page(0), ramp)
    with borrow(Limits()) as second:
        assert second is first
        with pytest.raises(NotAnImage):
            second.open_still(b"no image")
        second.open_still(png(ramp.T))
        np.testing.assert_array_equal(second.page(0), ramp.T)


def test_two_readers_at_a_time_have_a_process_each() -> None:
    with borrow(Limits()) as one, borrow(Limits()) as other:
        assert one is not other


def test_a_process_that_died_is_replaced(ramp: np.ndarray) -> None:
    with borrow(Limits()) as sandbox:
        sandbox._process.kill()
        sandbox._process.wait()
        sandbox.open_still(png(ramp))
        np.testing.assert_array_equal(sandbox.page(0), ramp)


def test_a_file_that_ends_the_process_is_refused_and_the_next_is_read(ramp: np.ndarray) -> None:
    with borrow(Limits()) as sandbox:
        sandbox.open_still(png(ramp))
        sandbox._process.kill()
        sandbox._process.wait()
        with pytest.raises(NotAnImage):
            sandbox.page(0)
        sandbox.open_still(png(ramp))
        np.testing.assert_array_equal(sandbox.page(0), ramp)


READ_BESIDE = """
import sys; from pathlib import Path; from nonet.errors import NonetError; from nonet.frames import open_frames
try:
    print(len(list(open_frames(Path(sys.argv[1])))), "read")
except NonetError as problem:
    print(type(problem).__name__)
"""


@pytest.mark.parametrize("module", ["nt.py", "PIL.py", "simplejpeg.py", "sitecustomize.py", "resource.py"])
def test_a_module_beside_the_caller_never_runs_in_the_decoder(tmp_path: Path, ramp: np.ndarray, module: str) -> None:
    """It would take the place of a package, and what it prints would break the conversation."""
    (tmp_path / "a.png").write_bytes(png(ramp))
    left = tmp_path / "ran.txt"
    (tmp_path / "main.py").write_text(READ_BESIDE)
    (tmp_path / module).write_text(
        f"import os, sys\nif 'decoder.py' in ' '.join(sys.orig_argv): print('hello'); open({str(left)!r}, 'w')\n"
    )
    run = subprocess.run([sys.executable, "main.py", "a.png"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "1 read\n"
    assert not left.exists()


def test_a_decoder_that_never_answers_is_a_fault_of_the_environment(tmp_path: Path, ramp: np.ndarray) -> None:
    (tmp_path / "a.png").write_bytes(png(ramp))
    script = "import sys; sys.executable = '/bin/true'\n" + READ_BESIDE
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert run.stdout == "EnvironmentFailure\n"


def test_a_package_that_lacks_is_a_fault_of_the_environment(ramp: np.ndarray) -> None:
    with pytest.raises(EnvironmentFailure) as caught, borrow(Limits()) as sandbox:
        raise sandbox_module._refusal({"error": "environment", "detail": "the package gdcm"}, sandbox.limits, 0)
    assert "gdcm" in caught.value.found


def test_a_process_that_takes_too_long_is_killed(ramp: np.ndarray) -> None:
    sandbox = Sandbox(Limits(decode_seconds=0.0))
    with raised(InputTooLarge, found="one that takes longer"):
        sandbox.open_still(png(ramp))
    assert not sandbox.idle


def test_a_page_larger_than_allowed_is_refused_before_it_is_decoded(ramp: np.ndarray) -> None:
    with borrow(Limits(pixels=100)) as sandbox:
        sandbox.open_still(png(ramp))
        with raised(InputTooLarge, found="64 columns x 48 rows"):
            sandbox.page(0)


def test_a_process_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/there/is/no/python")
    with pytest.raises(EnvironmentFailure):
        Sandbox(Limits())


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
def test_no_process_is_left_when_the_program_ends(tmp_path: Path, ramp: np.ndarray) -> None:
    (tmp_path / "a.png").write_bytes(png(ramp))
    script = (
        "import sys; from pathlib import Path; from nonet.frames import open_frames, sandbox\n"
        "list(open_frames(Path(sys.argv[1])))\n"
        "print(sandbox._idle[0]._process.pid)"
    )
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert not Path("/proc", run.stdout.strip()).exists()
    assert run.stderr == ""


def test_reading_works_in_a_forked_process(tmp_path: Path, ramp: np.ndarray) -> None:
    (tmp_path / "a.png").write_bytes(png(ramp))
    script = (
        "import multiprocessing, sys; from pathlib import Path; from nonet.frames import open_frames\n"
        "def total(path): return int(sum(frame.pixels.sum() for frame in open_frames(path)))\n"
        "if __name__ == '__main__':\n"
        "    path = Path(sys.argv[1]); own = total(path)\n"
        "    method = 'fork' if 'fork' in multiprocessing.get_all_start_methods() else 'spawn'\n"
        "    with multiprocessing.get_context(method).Pool(2) as pool:\n"
        "        print(pool.map(total, [path] * 6) == [own] * 6)"
    )
    (tmp_path / "main.py").write_text(script)
    command = [sys.executable, tmp_path / "main.py", tmp_path / "a.png"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "True"


def test_an_abandoned_file_gives_its_process_back(tmp_path: Path, ramp: np.ndarray) -> None:
    first = Image.fromarray(ramp)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[first] * 3)
    frames = open_frames(tmp_path / "a.tif")
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    with borrow(Limits()) as sandbox:
        assert sandbox.idle
