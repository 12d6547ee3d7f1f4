"""The node against a plain read and a bare SCP: rate, latency, memory, and that nothing is lost or comes twice.

Run ``python benchmarks/node.py --instances 1000``. It sends so many stills, each under a UID of its own and with pixels
of its own, through a node to a PACS made of pynetdicom in a process of its own, and writes
``benchmarks/results/node.json``. Plain read and node take turns at the first stills, a part of them at a time, so that
other work on the machine touches both alike; the node rests while the other reads. Both have as many readers as
``nonet read`` takes by itself. The read is counted from its start to its end; the node from the first C-STORE of a part
to its last result, and its start until a reader is ready is added for each part. The rest of the stills goes through
the node alone: none may be lost or come twice, and memory is sampled from the first results to the last.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.association import Association

from nonet.serve.node.sop_classes import IMAGES, RESULTS

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks/results/node.json"
STILL = ROOT / "examples/dicom/fir-still.dcm"
NONET = [sys.executable, "-m", "nonet"]
WARM_INSTANCES = 12
COLD_INSTANCES = 3
"""Sent singly before the warm ones, and not counted among them."""
PARTS, PART = 4, 50
"""Parts that read and node take turns at, and the most stills in each."""
SAMPLE_SECONDS = 1.0


def main() -> None:
    """Measure and write the result file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, default=60, help=f"at least {PARTS}")
    parser.add_argument("--workers", type=int, default=min(8, len(os.sched_getaffinity(0))))
    parser.add_argument("--pacs", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.pacs:
        run_pacs(arguments.pacs)
        return
    folder = Path(tempfile.mkdtemp(prefix="nonet-node-"))
    try:
        result = measure(folder, arguments.instances, arguments.workers)
    finally:
        shutil.rmtree(folder)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def measure(folder: Path, count: int, workers: int) -> dict[str, object]:
    """All figures, from files that are made in a folder."""
    parts = make_instances(folder / "in", count)
    load = os.getloadavg()[0]
    compared = sum(map(len, parts[:PARTS]))
    with pacs(folder / "bare") as bare:
        bare_rate = compared / sum(send(bare.port, "PACS", part) for part in parts[:PARTS])
    read, served_in, accepting, sent = [], [], [], 0
    with pacs(folder / "pacs") as archive, node(folder, archive.port, workers) as served:
        watch = Memory(served.pid)
        for number, part in enumerate(parts):
            if number < PARTS and number % 2 == 0:
                read.append(time_read(part[0].parent, folder / f"out-{number}", workers))
            sent += len(part)
            begun = time.time()
            accepting.append(send(served.port, "NONET", part))
            archive.wait_for(2 * min(sent, 2 * workers))
            watch.begin()
            archive.wait_for(2 * sent)
            served_in.append(archive.last() - begun)
            if number < PARTS and number % 2:
                read.append(time_read(part[0].parent, folder / f"out-{number}", workers))
        memory = watch.stop()
        objects = archive.uids()
        single = [latency(served.port, archive, number) for number in range(COLD_INSTANCES + WARM_INSTANCES)]
    read_seconds, node_seconds = sum(read), sum(served_in[:PARTS]) + PARTS * served.start_seconds
    warm = single[COLD_INSTANCES:]
    return {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count(), "load_before": load},
        "instances": count,
        "compared": compared,
        "workers": workers,
        "seconds": {
            "node_start": round(served.start_seconds, 3),
            "nonet_read_by_part": [round(one, 3) for one in read],
            "node_by_part": [round(one, 3) for one in served_in],
        },
        "results": {"expected": 2 * count, "distinct": len(set(objects)), "received": len(objects)},
        "instances_a_second": {
            "nonet read --save sr,gsps": round(compared / read_seconds, 3),
            "node": round(compared / node_seconds, 3),
            "node_over_read": round(read_seconds / node_seconds, 3),
        },
        "accepted_a_second": {"bare_scp": round(bare_rate, 1), "node_while_it_reads": round(count / sum(accepting), 1)},
        "warm_latency_seconds": {
            "instances": len(warm),
            "median": round(statistics.median(warm), 3),
            "longest": round(max(warm), 3),
            "before_them": [round(one, 3) for one in single[:COLD_INSTANCES]],
            "each": [round(one, 3) for one in warm],
        },
        "memory_mib": memory,
    }


def make_instances(folder: Path, count: int) -> list[list[Path]]:
    """So many stills, each under a SOP Instance UID of its own and with other pixels, in a folder for each part."""
    dataset = dcmread(STILL)
    pixels, size = dataset.pixel_array, min(PART, count // PARTS)
    parts: list[list[Path]] = [[] for _ in range(PARTS + (count > PARTS * size))]
    for number in range(count):
        index = min(number // size, PARTS)
        part = folder / f"{index}"
        part.mkdir(parents=True, exist_ok=True)
        parts[index].append(save_instance(dataset, pixels, number, part / f"{number:05d}.dcm"))
    return parts


def save_instance(dataset: Dataset, pixels: np.ndarray, number: int, path: Path) -> Path:
    """Save a still under a new SOP Instance UID, some of its pixels a grey level off."""
    changed = pixels.copy()
    changed.flat[:: number + 2] ^= 1
    dataset.PixelData = changed.tobytes()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.save_as(path)
    return path


def time_read(folder: Path, out: Path, workers: int) -> float:
    """Seconds that ``nonet read`` takes for the same files."""
    begun = time.time()
    words = ["read", folder, "-o", out, "--save", "sr,gsps", "--workers", str(workers)]
    subprocess.run([*NONET, *words], check=True, capture_output=True)
    return time.time() - begun


def send(port: int, title: str, files: list[Path]) -> float:
    """Seconds in which a peer takes the files over one association."""
    association = associate(port, title)
    begun = time.time()
    for path in files:
        status = association.send_c_store(path)
        assert status.Status == 0, status
    seconds = time.time() - begun
    association.release()
    return seconds


def associate(port: int, title: str) -> Association:
    """An association for images."""
    entity = AE("BENCH")
    for sop_class in IMAGES:
        entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", port, ae_title=title)
    assert association.is_established
    return association


def latency(port: int, archive: Archive, number: int) -> float:
    """Seconds from the answer to a C-STORE to the second of its results in the PACS."""
    had = len(archive.uids())
    dataset = dcmread(STILL)
    path = save_instance(dataset, dataset.pixel_array, number, archive.log.with_name(f"single-{number}.dcm"))
    association = associate(port, "NONET")
    assert association.send_c_store(path).Status == 0
    answered = time.time()
    association.release()
    archive.wait_for(had + 2)
    return archive.last() - answered


class Archive:
    """The PACS process, seen through the lines that it writes: time and SOP Instance UID of each object."""

    def __init__(self, log: Path, port: int) -> None:
        self.log, self.port = log, port

    def lines(self) -> list[list[str]]:
        """Each object that came."""
        return [line.split() for line in self.log.read_text().splitlines()[1:]]

    def uids(self) -> list[str]:
        """The SOP Instance UIDs, in order."""
        return [words[1] for words in self.lines()]

    def last(self) -> float:
        """When the last came."""
        return float(self.lines()[-1][0])

    def wait_for(self, count: int) -> None:
        """Wait until so many have come."""
        while len(self.lines()) < count:
            time.sleep(0.05)


@contextmanager
def pacs(folder: Path) -> Iterator[Archive]:
    """A PACS in a process of its own."""
    folder.mkdir()
    log = folder / "received"
    log.touch()
    process = subprocess.Popen([sys.executable, __file__, "--pacs", log])
    while not log.read_text().endswith("\n"):
        time.sleep(0.05)
    yield Archive(log, int(log.read_text().splitlines()[0]))
    process.kill()
    process.wait()


def run_pacs(log: Path) -> None:
    """Take everything and note it."""
    entity = AE("PACS")
    for sop_class in (*IMAGES, *RESULTS):
        entity.add_supported_context(sop_class, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    with log.open("a", buffering=1) as file, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def store(event: evt.Event) -> int:
            file.write(f"{time.time()} {event.request.AffectedSOPInstanceUID}\n")
            return 0

        server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
        file.write(f"{port}\n")
        signal.pause()
        server.shutdown()


class Served:
    """A node that runs: its process, its port, and in how many seconds its first reader was ready."""

    def __init__(self, pid: int, port: int, start_seconds: float) -> None:
        self.pid, self.port, self.start_seconds = pid, port, start_seconds


@contextmanager
def node(folder: Path, pacs_port: int, workers: int) -> Iterator[Served]:
    """A node that sends to a PACS."""
    config, log = folder / "node.toml", folder / "node.log"
    config.write_text(
        f'ae_title = "NONET"\nport = 0\ncalling_ae_titles = ["BENCH"]\nspool = "spool"\nworkers = {workers}\n'
        f'[[destinations]]\nae_title = "PACS"\nhost = "127.0.0.1"\nport = {pacs_port}\n'
        "[limits]\nfree_bytes = 1048576\n[health]\nport = 0\n"
    )
    begun = time.time()
    with log.open("w") as file:
        process = subprocess.Popen([*NONET, "node", "serve", config], stderr=file)
    while " listening " not in log.read_text():
        time.sleep(0.05)
    port, health = (int(log.read_text().split(f" {name}=")[1].split()[0]) for name in ("port", "health"))
    while not is_well(health):
        time.sleep(0.05)
    yield Served(process.pid, port, time.time() - begun)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def is_well(health: int) -> bool:
    """Whether a node says that it is well: a reader is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{health}/health", timeout=5):
            return True
    except urllib.error.HTTPError:
        return False


class Memory:
    """Samples the memory of a process and those below it, in MiB (proportional share, from /proc), once begun."""

    def __init__(self, pid: int) -> None:
        self._pid, self._samples, self._end = pid, [], threading.Event()  # type: ignore[var-annotated]
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        """Begin to sample, the first time this is called."""
        if not self._thread.ident:
            self._samples.append(self._now())
            self._thread.start()

    def stop(self) -> dict[str, float]:
        """Median of the first and of the last tenth of the samples, and the most."""
        self._end.set()
        self._thread.join()
        self._samples.append(self._now())
        tenth = max(1, len(self._samples) // 10)
        early, late = (statistics.median(some) for some in (self._samples[:tenth], self._samples[-tenth:]))
        return {
            "first_tenth": round(early, 1),
            "last_tenth": round(late, 1),
            "growth_percent": round(100 * (late / early - 1), 1),
            "most": round(max(self._samples), 1),
        }

    def _run(self) -> None:
        while not self._end.wait(SAMPLE_SECONDS):
            self._samples.append(self._now())

    def _now(self) -> float:
        return sum(map(_share, _tree(self._pid))) / 1024


def _tree(root: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
