"""Peers that are strangers, too many, too large, slow, silent or gone: each is bounded, and nobody else waits."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from node_process import Node, Pacs, instance, wait_until
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import UltrasoundImageStorage

pytestmark = pytest.mark.slow
Shared = tuple[Node, Pacs]


@pytest.fixture(autouse=True)
def still_serving(shared: Shared) -> Iterator[None]:
    """Whatever a peer did, the next one is served and nothing of it is left."""
    yield
    node, _ = shared
    wait_until(lambda: node.files("incoming") == [], "incoming is empty", 20)
    association = node.associate()
    assert association.is_established
    assert association.send_c_echo().Status == 0
    association.release()


@pytest.mark.parametrize(
    ("named", "diagnostic"), [({"calling": "STRANGER"}, 3), ({"called": "OTHER"}, 7)], ids=["calling", "called"]
)
def test_wrong_ae_titles_are_rejected(shared: Shared, named: dict[str, str], diagnostic: int) -> None:
    node, _ = shared
    association = node.associate(**named)
    assert association.is_rejected
    assert association.acceptor.primitive.diagnostic == diagnostic


def test_one_association_too_many_is_rejected_for_now(shared: Shared) -> None:
    node, _ = shared
    held = [node.associate() for _ in range(6)]
    assert all(one.is_established for one in held)
    seventh = node.associate()
    assert seventh.is_rejected
    assert (seventh.acceptor.primitive.result, seventh.acceptor.primitive.diagnostic) == (2, 2)
    for one in held:
        one.release()
    wait_until(lambda: _established(node), "room for another", 20)


def test_an_object_that_is_too_large_is_aborted(shared: Shared) -> None:
    node, _ = shared
    before = node.instances()
    large = instance()
    large.PixelData = large.PixelData * 4
    assert node.send(large) == [-1]
    wait_until(lambda: "1048576 bytes" in node.log, "a line about it", 20)
    assert node.instances() == before


def test_a_pdu_that_is_too_long_is_cut_off_at_its_header(shared: Shared) -> None:
    node, _ = shared
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as connection:
        connection.sendall(struct.pack(">BBL", 1, 0, 0xFFFFFFF0))
        begun = time.monotonic()
        assert connection.recv(100)[:1] in (b"", b"\x07")
        assert time.monotonic() - begun < 2.5


def test_silent_peers_are_cut_off_and_hold_up_nobody(shared: Shared) -> None:
    node, _ = shared
    silent = [socket.create_connection(("127.0.0.1", node.port), timeout=20) for _ in range(2)]
    for connection, sent in zip(silent, (b"", struct.pack(">BBL", 1, 0, 200) + b"half"), strict=True):
        connection.sendall(sent)
    association = node.associate()
    assert association.send_c_echo().Status == 0
    association.release()
    for connection in silent:
        while connection.recv(100):
            pass
        connection.close()


def test_a_slow_peer_is_served_and_others_beside_it(shared: Shared) -> None:
    node, _ = shared
    slow, quick = instance(), instance()
    before = node.instances()

    def pause(event: evt.Event) -> None:
        if type(event.pdu).__name__ == "P_DATA_TF" and len(pauses) < 3:
            pauses.append(time.sleep(0.6))

    pauses: list[None] = []
    association = _storing(node, [(evt.EVT_PDU_SENT, pause)])
    import threading

    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(association.send_c_store(slow).Status))
    thread.start()
    assert node.send(quick) == [0]
    assert statuses == []
    thread.join(60)
    association.release()
    assert statuses == [0]
    assert len(pauses) == 3
    node.wait_for(**{**before, "done": before.get("done", 0) + 2})


def test_a_peer_that_aborts_in_the_middle_leaves_nothing(shared: Shared) -> None:
    node, _ = shared
    before = node.instances()

    def hang_up(event: evt.Event) -> None:
        if type(event.pdu).__name__ == "P_DATA_TF":
            sent.append(event.pdu)
            if len(sent) == 3:
                event.assoc.dul.socket.socket.shutdown(socket.SHUT_RDWR)

    sent: list[object] = []
    association = _storing(node, [(evt.EVT_PDU_SENT, hang_up)])
    assert "Status" not in association.send_c_store(instance())
    wait_until(lambda: "broken off" in node.log, "the node said that the connection ended", 20)
    wait_until(lambda: node.files("incoming") == [], "nothing left in incoming", 20)
    assert node.instances() == before


def test_a_uid_that_is_none_is_refused(shared: Shared) -> None:
    node, _ = shared
    before = node.instances()
    odd = instance()
    odd.SOPInstanceUID = "Lindqvist"
    assert node.send(odd) == [0x0117]
    assert node.instances() == before
    assert "Lindqvist" not in node.log


def _established(node: Node) -> bool:
    association = node.associate()
    established = association.is_established
    if established:
        association.release()
    return established


def _storing(node: Node, handlers: list[tuple[Any, Callable[..., object]]]) -> Association:
    entity = AE("MODALITY")
    entity.add_requested_context(UltrasoundImageStorage, "1.2.840.10008.1.2.1")
    entity.dimse_timeout = entity.network_timeout = 60
    association = entity.associate("127.0.0.1", node.port, ae_title="NONET", evt_handlers=handlers)
    assert association.is_established
    return association
