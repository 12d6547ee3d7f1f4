"""What the guards cost, and what a bomb costs: seconds and memory of fresh processes.

Run ``python benchmarks/guards.py``. It writes ``benchmarks/results/guards.json``: for a good deflated
file, for 1 MB that inflates to 1 GiB, and for 300 sequences inside one another, the median time and
greatest memory of reading it, and the difference to the good file; for a PNG and a compressed DICOM file,
the time of the first frame, which starts the decoder process, and of each next one.
"""

from __future__ import annotations

import json
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless

RESULT = Path(__file__).parent / "results/guards.json"
RUNS = 5
NEXT = 20
MEBI = 1 << 20
READ = """
import json, resource, sys, time
from pathlib import Path
from nonet.errors import NonetError
from nonet.frames import open_frames
seconds, message = [], ""
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    try:
        list(open_frames(Path(sys.argv[1])))
    except NonetError as problem:
        message = type(problem).__name__
    seconds.append(time.perf_counter() - start)
memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "bytes": memory, "message": message}))
"""


def main() -> None:
    """Measure, write the result, print it."""
    with tempfile.TemporaryDirectory() as name:
        result = {"bombs": bombs(Path(name)), "decoder_ms": decoder(Path(name))}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def dataset(syntax: UID) -> Dataset:
    """An ultrasound image of 640 x 480 pixels."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.6.1")
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = UID("1.2.826.0.1.3680043.10.1")
    made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = 480, 640, 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = (np.indices((480, 640)).sum(axis=0) // 5).astype(np.uint8).tobytes()
    made["PixelData"].VR = "OB"
    return made


def bombs(folder: Path) -> dict[str, dict[str, float | str]]:
    """Median cost of reading a good file and two made to do harm."""
    paths = {"good": folder / "good.dcm", "inflates to 1 GiB": folder / "a.dcm", "300 sequences deep": folder / "b.dcm"}
    for name, path in paths.items():
        syntax = ExplicitVRLittleEndian if "deep" in name else DeflatedExplicitVRLittleEndian
        dataset(syntax).save_as(path, enforce_file_format=True)
    whole = paths["inflates to 1 GiB"].read_bytes()
    paths["inflates to 1 GiB"].write_bytes(whole[: data_start(whole)] + gibibyte())
    whole = paths["300 sequences deep"].read_bytes()
    paths["300 sequences deep"].write_bytes(whole[: data_start(whole)] + nest(300) + whole[data_start(whole) :])
    costs: dict[str, dict[str, float | str]] = {name: cost(path) for name, path in paths.items()}
    for name, row in costs.items():
        row["seconds_above_good"] = round(float(row["seconds"]) - float(costs["good"]["seconds"]), 3)
        row["megabytes_above_good"] = round(float(row["megabytes"]) - float(costs["good"]["megabytes"]), 1)
        row["file_bytes"] = paths[name].stat().st_size
    return costs


def data_start(whole: bytes) -> int:
    """Where the data set begins, after the meta information."""
    return 144 + int.from_bytes(whole[140:144], "little")


def gibibyte() -> bytes:
    """A deflated private element of 1 GiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(b"\x09\x00\x01\x10OB\0\0" + struct.pack("<L", 1 << 30)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + 1024 * (packer.compress(bytes(MEBI)) + packer.flush(zlib.Z_FULL_FLUSH)) + packer.flush()


def nest(depth: int) -> bytes:
    """Sequences inside one another."""
    opened = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    return opened * depth + b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0" * depth


def cost(path: Path) -> dict[str, float | str]:
    """Median over fresh processes that read one file once."""
    runs = [read(path, 1) for _ in range(RUNS)]
    return {
        "refused": runs[0]["message"],
        "seconds": round(statistics.median(run["seconds"][0] for run in runs), 3),
        "megabytes": round(statistics.median(run["bytes"] for run in runs) / 1e6, 1),
    }


def decoder(folder: Path) -> dict[str, dict[str, float]]:
    """Milliseconds of the first frame of a process and, in the median, of the next."""
    pixels = np.frombuffer(dataset(ExplicitVRLittleEndian).PixelData, np.uint8).reshape(480, 640)
    Image.fromarray(pixels).save(folder / "a.png")
    compressed = dataset(ExplicitVRLittleEndian)
    compressed.compress(RLELossless, encoding_plugin="pydicom")
    compressed.save_as(folder / "rle.dcm", enforce_file_format=True)
    times = {}
    for name, path in {"PNG": folder / "a.png", "RLE DICOM": folder / "rle.dcm"}.items():
        seconds = [read(path, 1 + NEXT)["seconds"] for _ in range(RUNS)]
        times[name] = {
            "first": round(1000 * statistics.median(run[0] for run in seconds), 1),
            "next": round(1000 * statistics.median(value for run in seconds for value in run[1:]), 1),
        }
    return times


def read(path: Path, times: int) -> dict:
    """Read a file so many times in a fresh process."""
    run = subprocess.run([sys.executable, "-c", READ, path, str(times)], capture_output=True, check=True, text=True)
    return dict(json.loads(run.stdout))


if __name__ == "__main__":
    main()
