"""``nonet node http``: the real program, asked by peers good and bad."""

from __future__ import annotations

import http.client
import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pydicom
import pytest

from nonet.bundle import Bundle
from nonet.reader import Reader

EXAMPLES = Path(__file__).parents[3] / "examples"
STILL = (EXAMPLES / "dicom/fir-still.dcm").read_bytes()
PICTURE = (EXAMPLES / "alder-right.png").read_bytes()
LONG = 60

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.slow


class Served:
    """The running program."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "nonet", "node", "http", "--port", "0", "--most-mib", "4"]
        self.process = subprocess.Popen([*command, "--receive-seconds", "1"], stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line + self.process.stderr.read()
        self.port = int(found[1])

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()

    def say(self, *parts: bytes, pause: float = 0) -> bytes:
        """What comes back until the other side closes, for bytes sent as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONG) as connection:
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    break
                time.sleep(pause)
            came = b""
            try:
                while more := connection.recv(65536):
                    came += more
            except OSError:
                pass
            return came


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    program = Served()
    yield program
    program.process.send_signal(signal.SIGTERM)
    _, errors = program.process.communicate(timeout=LONG)
    assert program.process.returncode == 0
    assert "Traceback" not in errors


def problem(answer: http.client.HTTPResponse, body: bytes) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = json.loads(body)
    assert document["status"] == answer.status
    return document


@pytest.fixture(scope="module")
def bodies(short_cine: Path) -> dict[str, bytes]:
    return {"still": STILL, "PNG": PICTURE, "cine": short_cine.read_bytes()}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Bundle())


@pytest.mark.parametrize(("kind", "frames"), [("still", 1), ("PNG", 1), ("cine", 2)])
def test_a_posted_image_is_answered_with_its_readings(
    served: Served, reader: Reader, bodies: dict[str, bytes], kind: str, frames: int
) -> None:
    answer, document = served.ask("POST", "/findings", bodies[kind])
    assert answer.status == 200
    expected = [reading.to_dict() for _, reading in reader.read_source(bodies[kind])]
    assert json.loads(document) == expected
    assert len(expected) == frames


def test_posts_at_the_same_time_are_all_answered_alike(served: Served) -> None:
    with ThreadPoolExecutor(5) as peers:
        answers = list(peers.map(lambda _: served.ask("POST", "/findings", STILL)[1], range(5)))
    assert len(set(answers)) == 1
    assert json.loads(answers[0])[0]["findings"]


def test_health_is_answered_and_names_the_bundle(served: Served) -> None:
    answer, body = served.ask("GET", "/health")
    assert (answer.status, json.loads(body)["status"]) == (200, "ok")
    assert len(json.loads(body)["bundle"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 415), (b"no image at all", 415), (PICTURE[:2000], 415), (STILL[:4000], 422)],
    ids=["empty", "text", "cut PNG", "cut DICOM"],
)
def test_a_body_that_is_no_image_is_a_problem(served: Served, body: bytes, status: int) -> None:
    answer, document = served.ask("POST", "/findings", body)
    assert answer.status == status
    assert problem(answer, document)["readings"] == []


def test_a_problem_holds_nothing_of_the_patient(served: Served) -> None:
    source = pydicom.dcmread(io.BytesIO(STILL))
    source.PatientName, source.PatientID = "CANARY^NAME", "CANARYID"
    del source.Rows
    buffer = io.BytesIO()
    source.save_as(buffer)
    answer, document = served.ask("POST", "/findings", buffer.getvalue())
    assert answer.status == 422
    assert b"CANARY" not in document


def test_a_body_that_announces_too_much_is_refused_unread(served: Served) -> None:
    begun = time.monotonic()
    came = served.say(b"POST /findings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n")
    assert b" 413 " in came.splitlines()[0]
    assert time.monotonic() - begun < 2


def test_a_body_without_an_end_is_cut_at_the_largest_size(served: Served) -> None:
    chunk = b"100000\r\n" + b"\0" * (1 << 20) + b"\r\n"
    came = served.say(b"POST /findings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", *[chunk] * 8)
    assert not came or b" 413 " in came.splitlines()[0]
    assert served.ask("GET", "/health")[0].status == 200


def test_a_slow_body_is_given_up(served: Served) -> None:
    came = served.say(b"POST /findings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 3)
    assert b" 408 " in came.splitlines()[0]


def test_a_connection_that_never_says_what_it_wants_is_closed(served: Served) -> None:
    begun = time.monotonic()
    assert served.say(b"POST /find", *[b"i"] * 6, pause=0.25) == b""
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /health", b"200"),
        (b"GET /nothing", b"404"),
        (b"GET /findings", b"405"),
        (b"POST /health", b"405"),
        (b"GET /health HTTP/1.1\r\nHost: attacker.example", b"400"),
        (b"GET /health\0", b"400"),
    ],
)
def test_every_answer_ends_its_connection(served: Served, line: bytes, status: bytes) -> None:
    begun = time.monotonic()
    ending = b"" if b"HTTP/1.1" in line else b" HTTP/1.1\r\nHost: localhost"
    came = served.say(line + ending + b"\r\n\r\n", b"G")
    head = came.partition(b"\r\n\r\n")[0].lower().splitlines()
    assert head[0].split()[1] == status
    assert b"connection: close" in head
    assert time.monotonic() - begun < 1.5


def test_slow_peers_do_not_keep_others_from_being_answered(served: Served) -> None:
    slow = b"POST /findings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    with ThreadPoolExecutor(6) as peers:
        held = [peers.submit(served.say, slow) for _ in range(6)]
        assert served.ask("POST", "/findings", STILL)[0].status == 200
        assert all(b" 408 " in one.result() for one in held)


def test_a_request_for_another_host_is_refused(served: Served) -> None:
    assert served.ask("POST", "/findings", STILL, Host="attacker.example")[0].status == 400


@pytest.mark.parametrize("kind", ["still", "cine"])
def test_a_report_is_given_to_who_accepts_dicom(served: Served, bodies: dict[str, bytes], kind: str) -> None:
    body = bodies[kind]
    answer, document = served.ask("POST", "/findings", body, Accept="application/dicom")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/dicom")
    report, source = pydicom.dcmread(io.BytesIO(document)), pydicom.dcmread(io.BytesIO(body))
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.33"
    assert report.StudyInstanceUID == source.StudyInstanceUID
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert evidence.ReferencedSOPInstanceUID == source.SOPInstanceUID


def test_a_picture_has_no_report(served: Served) -> None:
    answer, body = served.ask("POST", "/findings", PICTURE, Accept="application/dicom")
    assert answer.status == 406
    assert "DICOM" in str(problem(answer, body)["title"])


def test_an_answer_in_another_form_is_refused(served: Served) -> None:
    answer, body = served.ask("POST", "/findings", STILL, Accept="text/html")
    assert "application/json" in str(problem(answer, body)["title"])


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/findings", 405), ("POST", "/", 404)])
def test_nothing_else_is_served(served: Served, method: str, path: str, status: int) -> None:
    assert served.ask(method, path)[0].status == status


def test_garbage_is_no_request(served: Served) -> None:
    assert b" 400 " in served.say(b"\x16\x03\x01\x02\0" * 20 + b"\r\n\r\n").splitlines()[0]


def test_a_port_that_is_taken_is_one_line(served: Served) -> None:
    command = [sys.executable, "-m", "nonet", "node", "http", "--port", str(served.port)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG)
    assert run.returncode == 3
    assert len(run.stderr.splitlines()) == 1
