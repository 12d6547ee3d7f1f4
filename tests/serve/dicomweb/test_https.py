"""HTTPS to a DICOMweb server: who is trusted, and that nothing is said to who is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("dicomweb_client")

from chosen_peer import INSTANCE, Answer, Peer, listing, row, saying

from nonet.errors import EnvironmentFailure, NonetError
from nonet.reading import Reading

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, to make a certificate")

STILL = Path(__file__).parents[3] / "examples/dicom/fir-still.dcm"
Make = Callable[[str], Path]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make a certificate that nobody else signed, with its key in the same file."""

    def make(address: str) -> Path:
        path = tmp_path_factory.mktemp("certificate") / "own.pem"
        key = path.with_name("key.pem")
        subject = ["-subj", "/CN=pacs", "-addext", f"subjectAltName=IP:{address}"]
        made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(path)]
        subprocess.run(["openssl", *made, *subject], check=True, capture_output=True)
        path.with_name("both.pem").write_bytes(path.read_bytes() + key.read_bytes())
        return path

    return make


@contextmanager
def speaking(certificate: Path, answer: Answer) -> Iterator[Peer]:
    peer = Peer(certificate.with_name("both.pem"))
    peer.answer = answer
    try:
        yield peer
    finally:
        peer.stop()


@pytest.mark.slow
def test_the_program_reads_from_a_server_whose_authority_it_is_given(certificate: Make, tmp_path: Path) -> None:
    own = pydicom.dcmread(STILL, stop_before_pixels=True)
    trusted, secret = certificate("127.0.0.1"), tmp_path / "login"
    secret.touch(mode=0o600)
    secret.write_text("Bearer SECRET\n")
    place = f"studies/{own.StudyInstanceUID}/series/{own.SeriesInstanceUID}/instances/{own.SOPInstanceUID}"
    with speaking(trusted, saying(200, STILL.read_bytes(), "application/dicom")) as peer:
        command = [sys.executable, "-m", "nonet", "read", f"dicomweb+https://{peer.address.peer}/{place}", "--json"]
        named = [*command, "--credentials", secret, "--authority"]
        options = ["-o", tmp_path / "none", "--save", ""]
        refused = subprocess.run([*named, secret, *options], capture_output=True, text=True, check=False)
        assert refused.returncode == 3, refused.stderr
        assert "Traceback" not in refused.stderr and "SECRET" not in refused.stderr
        assert peer.asked == [], "nothing is said to a server that is not trusted"
        read = subprocess.run(
            [*named, trusted, "-o", tmp_path / "out", "--save", ""], capture_output=True, text=True, check=False
        )
    assert read.returncode == 0, read.stderr
    assert Reading.from_json(json.dumps(json.loads(read.stdout)[0])).source.sop_instance_uid == own.SOPInstanceUID
    assert peer.asked == [(f"/{place}", "Bearer SECRET")]


def test_a_certificate_is_trusted_by_its_authority_alone(certificate: Make) -> None:
    trusted = certificate("127.0.0.1")
    with speaking(trusted, listing(row("1.4"))) as peer:
        assert peer.client(authority=trusted).ultrasound(peer.address) == [INSTANCE]
        peer.asked.clear()
        for authority in (None, certificate("127.0.0.1")):
            with pytest.raises(EnvironmentFailure, match="no certificate that is trusted"):
                peer.client(authority=authority).ultrasound(peer.address)
        assert peer.asked == []


def test_a_certificate_of_another_host_is_not_trusted(certificate: Make) -> None:
    other = certificate("127.0.0.2")
    with speaking(other, listing()) as peer:
        with pytest.raises(EnvironmentFailure, match="no certificate that is trusted"):
            peer.client(authority=other).ultrasound(peer.address)
        assert peer.asked == []


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_that_is_none_is_an_error(certificate: Make, tmp_path: Path, content: bytes | None) -> None:
    authority = tmp_path / "authority"
    if content is not None:
        authority.write_bytes(content)
    with speaking(certificate("127.0.0.1"), listing()) as peer:
        with pytest.raises(NonetError, match="certificate"):
            peer.client(authority=authority).ultrasound(peer.address)
        assert peer.asked == []


def test_a_server_that_drips_is_given_up_in_its_time(certificate: Make) -> None:
    def drip(handler: object) -> None:
        try:
            for part in (b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 100):
                handler.wfile.write(part)  # type: ignore[attr-defined]
                time.sleep(0.05)
        except OSError:
            pass

    trusted = certificate("127.0.0.1")
    with speaking(trusted, drip) as peer:
        client, begun = peer.client(authority=trusted), time.monotonic()
        client._session._answer_seconds = 0.5
        with pytest.raises(EnvironmentFailure, match=r"0\.5 seconds"):
            client.ultrasound(peer.address)
        assert time.monotonic() - begun < 3
