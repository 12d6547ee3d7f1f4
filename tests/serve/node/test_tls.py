"""TLS: both sides show a certificate of the authority, or there is no association."""

from __future__ import annotations

import select
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from node_process import Node, Pacs, instance, wait_until
from pynetdicom import AE
from pynetdicom.sop_class import UltrasoundImageStorage, Verification

from nonet.serve.node.config import Config, Destination, Limits, Tls
from nonet.serve.node.queue import Queue
from nonet.serve.node.receive import Receiver
from nonet.serve.node.spool import Spool
from nonet.serve.node.transport import client_tls, server_tls

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates"),
]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a certificate that it signed for 127.0.0.1, and one of somebody else."""
    folder = tmp_path_factory.mktemp("certificates")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-addext", "subjectAltName=IP:127.0.0.1"]

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority")
    openssl("req", "-x509", *key, "-keyout", "stranger.key", "-out", "stranger.pem", "-subj", "/CN=stranger", *name)
    openssl("req", *key, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=nonet")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san", "-days", "2"]
    openssl("x509", "-req", "-in", "own.csr", "-out", "own.pem", *signed)
    return folder


def test_only_a_certificate_of_the_authority_gets_in_and_results_leave_encrypted(
    certificates: Path, make_node: Callable[..., Node]
) -> None:
    tls = Tls(certificates / "own.pem", certificates / "own.key", certificates / "ca.pem")
    pacs = Pacs(tls=server_tls(tls)).start()
    lines = [f'{name} = "{certificates / file}"' for name, file in
             (("certificate", "own.pem"), ("key", "own.key"), ("authority", "ca.pem"))]  # fmt: skip
    node = make_node(pacs, more="\n".join(["[tls]", *lines]), limits="network_seconds = 2").start()
    check = node.run("check")
    assert check.returncode == 0, check.stdout

    assert not established(node, None)
    nobody = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    assert not established(node, nobody)
    stranger = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    stranger.load_cert_chain(certificates / "stranger.pem", certificates / "stranger.key")
    assert not established(node, stranger)
    assert len(node.lines("refused")) >= 2

    entity = AE("MODALITY")
    entity.add_requested_context(UltrasoundImageStorage, "1.2.840.10008.1.2.1")
    association = entity.associate("127.0.0.1", node.port, ae_title="NONET", tls_args=(client_tls(tls), "127.0.0.1"))
    assert association.send_c_store(instance()).Status == 0
    association.release()
    node.wait_for(done=1)
    assert len(pacs.received) == 2
    pacs.stop()


def test_handshakes_that_never_end_are_few(certificates: Path, tmp_path: Path) -> None:
    tls = Tls(certificates / "own.pem", certificates / "own.key", certificates / "ca.pem")
    limits, destinations = Limits(associations=1, network_seconds=30), (Destination("PACS", "127.0.0.1", 1),)
    config = Config("NONET", 0, ("MODALITY",), tmp_path / "spool", destinations, limits=limits, tls=tls)
    receiver = Receiver(config, Queue(Spool(config.spool), storage_bytes=1 << 20), lambda: None)
    address = "127.0.0.1", receiver.start()
    before = threading.active_count()
    silent = [socket.create_connection(address) for _ in range(60)]
    closed = wait_for_closed(silent, 60 - 17)
    assert threading.active_count() - before == 17
    for connection in silent:
        connection.close()
    wait_until(lambda: threading.active_count() == before, "the handshakes end", 10)
    entity = AE("MODALITY")
    entity.add_requested_context(Verification)
    association = entity.associate(*address, ae_title="NONET", tls_args=(client_tls(tls), "127.0.0.1"))
    assert association.send_c_echo().Status == 0
    association.release()
    receiver.stop(1)
    assert len(closed) == 60 - 17


def wait_for_closed(connections: list[socket.socket], count: int) -> set[socket.socket]:
    """The connections that the other side has closed, once they are so many."""
    closed: set[socket.socket] = set()

    def enough() -> bool:
        closed.update(select.select(connections, [], [], 0)[0])
        return len(closed) >= count

    wait_until(enough, f"{count} connections are refused", 10)
    return closed


def established(node: Node, context: ssl.SSLContext | None) -> bool:
    entity = AE("MODALITY")
    entity.add_requested_context(Verification)
    entity.acse_timeout = entity.network_timeout = 8
    tls = None if context is None else (context, "127.0.0.1")
    association = entity.associate("127.0.0.1", node.port, ae_title="NONET", tls_args=tls)
    works = association.is_established and association.send_c_echo().get("Status") == 0
    if association.is_established:
        association.release()
    return works
