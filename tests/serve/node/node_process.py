"""The real program as a subprocess, a PACS made of pynetdicom, and instances to send."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.dsutils import split_dataset

from nonet.serve.node.sop_classes import IMAGES, RESULTS, VERIFICATION

_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False

EXAMPLES = Path(__file__).parents[3] / "examples/dicom"
STILL, CINE = EXAMPLES / "fir-still.dcm", EXAMPLES / "birch-cine.dcm"
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
LONGEST = 90.0


def instance(path: Path = STILL, **attributes: object) -> Dataset:
    """An example under a SOP Instance UID of its own, with some attributes changed."""
    dataset = dcmread(path)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(holds: Callable[[], object], what: str, seconds: float = LONGEST) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


@dataclass
class Pacs:
    """Takes what it is sent; ``received`` has SOP Instance UID, SOP class and the bytes of each, in order."""

    port: int = field(default_factory=free_port)
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    status: int = 0
    classes: Sequence[str] = (VERIFICATION, *RESULTS)
    aborts_on: str = ""
    held: threading.Event | None = None
    tls: Any = None

    def start(self) -> Pacs:
        entity = AE("PACS")
        for sop_class in self.classes:
            entity.add_supported_context(sop_class, SYNTAXES)
        entity.maximum_associations = 50
        handlers = [(evt.EVT_C_STORE, self._store)]
        address = ("127.0.0.1", self.port)
        self.server = entity.start_server(address, block=False, evt_handlers=handlers, ssl_context=self.tls)
        return self

    def stop(self) -> None:
        self.server.shutdown()

    def _store(self, event: evt.Event) -> int:
        request = event.request
        if request.AffectedSOPInstanceUID == self.aborts_on:
            event.assoc.abort(block=False)
            return 0xC000
        data = event.encoded_dataset(include_meta=False) or content_of(event.dataset_path)
        self.received.append((str(request.AffectedSOPInstanceUID), str(request.AffectedSOPClassUID), data))
        if self.held is not None:
            self.held.wait(LONGEST)
        return self.status

    @property
    def objects(self) -> dict[str, set[bytes]]:
        """Each object that came, by its UID, with the versions of it."""
        found: dict[str, set[bytes]] = {}
        for uid, _, data in self.received:
            found.setdefault(uid, set()).add(data)
        return found

    def reports(self) -> list[Dataset]:
        """The distinct structured reports."""
        seen = {uid: data for uid, sop_class, data in self.received if sop_class.endswith(".88.33")}
        return [_decoded(data) for data in seen.values()]

    def read_instances(self) -> list[str]:
        """The SOP Instance UIDs of the images that the reports are of, one a report."""
        return [
            str(report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
                .ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
            for report in self.reports()
        ]  # fmt: skip


def content_of(path: Path) -> bytes:
    """A data set without its meta information: how pynetdicom holds it where a node runs in the same process."""
    return path.read_bytes()[split_dataset(path)[1] :]


def _decoded(data: bytes) -> Dataset:
    from io import BytesIO

    from pynetdicom.dsutils import decode

    return decode(BytesIO(data), is_implicit_vr=False, is_little_endian=True)


class Node:
    """``nonet node serve`` in a folder, which may be killed and started again."""

    def __init__(self, folder: Path, pacs_port: int, **settings: object) -> None:
        self.folder, self.config, self.log_path = folder, folder / "node.toml", folder / "node.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config_text(pacs_port, **settings))
        self.process: subprocess.Popen[bytes] | None = None
        self.port = self.health = 0

    def start(self, prefix: Sequence[str] = ()) -> Node:
        begun = len(self.lines("listening"))
        with self.log_path.open("ab") as log:
            command = [*prefix, sys.executable, "-m", "nonet", "node", "serve", str(self.config)]
            self.process = subprocess.Popen(command, stderr=log, stdout=log)
        wait_until(lambda: len(self.lines("listening")) > begun or self.process.poll() is not None, "listening")
        assert self.process.poll() is None, self.log
        words = dict(word.partition("=")[::2] for word in self.lines("listening")[-1].split())
        self.port, self.health = int(words["port"]), int(words.get("health", 0))
        return self

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST)

    @property
    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    def lines(self, event: str) -> list[str]:
        return [line for line in self.log.splitlines() if line.partition(" ")[2].startswith(event + " ")]

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """``nonet node status`` or ``check``."""
        words = [sys.executable, "-m", "nonet", "node", command, str(self.config), *options]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST)

    def status(self) -> dict[str, Any]:
        """The queue, as ``nonet node status --json`` prints it."""
        return dict(json.loads(self.run("status", "--json").stdout))

    def instances(self) -> dict[str, int]:
        """How many instances are in each state, read from the queue itself."""
        with sqlite3.connect(self.folder / "spool/queue.sqlite", timeout=30) as connection:
            return dict(connection.execute("SELECT state, COUNT(*) FROM job GROUP BY state"))

    def failures(self) -> list[dict[str, Any]]:
        """The failures, read from the queue itself, the newest first."""
        with sqlite3.connect(self.folder / "spool/queue.sqlite", timeout=30) as connection:
            connection.row_factory = sqlite3.Row
            return [
                dict(row)
                for row in connection.execute("SELECT * FROM job WHERE state = 'failed' ORDER BY changed DESC")
            ]

    def wait_for(self, **counts: int) -> None:
        """Wait until so many instances are in some states, and none in another."""
        wait_until(lambda: self.instances() == counts, f"{counts}; now {self.instances()}")

    def associate(self, **named: Any) -> Association:
        entity = AE(named.pop("calling", "MODALITY"))
        entity.add_requested_context(VERIFICATION)
        for sop_class in (*IMAGES, *RESULTS):
            entity.add_requested_context(sop_class, named.get("syntaxes", SYNTAXES))
        named.pop("syntaxes", None)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = LONGEST
        return entity.associate("127.0.0.1", self.port, ae_title=named.pop("called", "NONET"), **named)

    def send(self, *datasets: Dataset) -> list[int]:
        """Send by C-STORE over one association; the statuses, -1 where there was no answer."""
        syntaxes = list(dict.fromkeys([*SYNTAXES, *(one.file_meta.TransferSyntaxUID for one in datasets)]))
        association = None
        statuses = []
        for dataset in datasets:
            if association is None or not association.is_established:
                association = self.associate(syntaxes=[dataset.file_meta.TransferSyntaxUID, *syntaxes[:0]])
                assert association.is_established
            statuses.append(int(association.send_c_store(dataset).get("Status", -1)))
        association.release()
        return statuses

    def reader_pids(self) -> list[int]:
        """The reader processes."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = path.read_text()
                command = path.with_name("cmdline").read_bytes()
            except OSError:
                continue
            if int(text.rpartition(")")[2].split()[1]) == self.process.pid and b"spawn_main" in command:
                found.append(int(path.parent.name))
        return found

    def wait_for_no_files(self) -> None:
        """Wait until nothing is left; a file goes after the transaction that ends its instance."""
        parts = "incoming", "instances", "results"
        wait_until(lambda: not any(self.files(part) for part in parts), "an empty spool", 20)

    def files(self, part: str) -> list[Path]:
        return sorted((self.folder / "spool" / part).iterdir())


def config_text(pacs_port: int, *, more: str = "", limits: str = "", **settings: object) -> str:
    """A configuration for tests: quick retries, everything on the loopback."""
    top = {
        "ae_title": "NONET", "port": 0, "calling_ae_titles": ["MODALITY"], "spool": "spool",
        "workers": 1, **settings,
    }  # fmt: skip
    lines = [f"{name} = {json.dumps(value)}" for name, value in top.items()]
    return "\n".join(
        [
            *lines,
            f'[[destinations]]\nae_title = "PACS"\nhost = "127.0.0.1"\nport = {pacs_port}',
            "tls = true" if "[tls]" in more else "",
            f"[limits]\nfree_bytes = 1048576\n{limits}",
            "[retry]\nfirst_seconds = 0.2\nlongest_seconds = 0.5\nrejections = 3",
            "[health]\nport = 0",
            more,
        ]
    )


def end(node: Node) -> None:
    """Whatever a test left running."""
    if node.process is not None and node.process.poll() is None:
        node.process.kill()
        node.process.wait()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
