"""Sends results to a destination by C-STORE, and tries again later what it did not take.

A result has a SOP Instance UID that follows from the image, the bundle and the settings, and its file is written once:
one that is sent again after a crash, because the answer was lost, is the same object to the peer. A peer that answers
that it has the object already (0111) has it.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from pynetdicom import AE

from nonet.errors import SettingsError
from nonet.serve.node.log import log
from nonet.serve.node.sop_classes import RESULT_SYNTAXES, RESULTS, VERIFICATION, Status
from nonet.serve.node.transport import client_tls
from nonet.serve.node.vital import MachineRefused, machine, vital_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydicom import Dataset
    from pynetdicom.association import Association

    from nonet.serve.node.config import Config, Destination, Retry
    from nonet.serve.node.deliveries import Deliveries
    from nonet.serve.node.jobs import Delivery
    from nonet.serve.node.spool import Spool

__all__ = ["Courier", "associate", "pause_seconds", "stop_couriers"]

_BATCH = 32
_LOOK_SECONDS = 1.0
_REFUSED_SECONDS = 10.0
_ANSWER_SECONDS = 60.0


class Courier:
    """One thread that brings results to one destination.

    Parameters
    ----------
    config
        The node's own title, TLS, and when to try again.
    destination
        Where to.
    deliveries
        What is to be sent.
    spool
        Where the files lie.
    """

    def __init__(self, config: Config, destination: Destination, deliveries: Deliveries, spool: Spool) -> None:
        self._config, self._destination, self._deliveries, self._spool = config, destination, deliveries, spool
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._unreachable = 0
        self._thread = vital_thread(f"courier {destination.ae_title}", self._run)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    def stop(self) -> None:
        """Send nothing more after the result in hand."""
        self._stopping.set()
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait so long for the result in hand; one whose answer does not come is sent again at the next start."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                with machine():
                    pause = self._send_due()
            except MachineRefused:
                pause = _REFUSED_SECONDS
            if pause:
                self._stopping.wait(pause)
            elif pause is None:
                self._wake.wait(_LOOK_SECONDS)

    def _send_due(self) -> float | None:
        """Send what is due: how long to wait then, or None to wait until there is more."""
        due = self._deliveries.due(self._destination.ae_title, _BATCH)
        if not due:
            return None
        return 0 if self._send(due) else pause_seconds(self._config.retry, self._unreachable)

    def _send(self, due: list[Delivery]) -> bool:
        """Send some results over one association; whether the destination could be reached."""
        association = self._associate({one.result.sop_class_uid for one in due})
        if association is None:
            return False
        try:
            for delivery in due:
                if self._stopping.is_set():
                    break
                if not self._send_one(association, delivery):
                    self._broken_off(delivery)
                    return False
                self._unreachable = 0
        finally:
            if association.is_established:
                association.release()
        return True

    def _associate(self, sop_classes: set[str]) -> Association | None:
        """An association that stands, or None; Verification is in it, so that one refused class alone ends nothing."""
        try:
            association = associate(self._config, self._destination, {VERIFICATION, *sop_classes})
        except SettingsError:
            self._not_reached("the own certificate, key or authority cannot be used")
            return None
        if association is None or not association.is_established:
            self._not_reached("rejected" if association and association.is_rejected else "not reached")
            return None
        return association

    def _send_one(self, association: Association, delivery: Delivery) -> bool:
        """Send a result and note the answer; False where there was none."""
        try:
            answer = association.send_c_store(self._spool.results / delivery.result.file)
        except FileNotFoundError:
            self._give_up(delivery, "its file is gone from the spool")
        except RuntimeError:
            return False
        except OSError:
            raise
        except Exception as problem:  # what pydicom raises for a damaged file has no class in common
            if delivery.result.sop_class_uid in {one.abstract_syntax for one in association.accepted_contexts}:
                self._give_up(delivery, f"its file in the spool cannot be sent: {type(problem).__name__}")
            else:
                self._refused(delivery, "no presentation context for its SOP class")
        else:
            return self._answered(delivery, answer)
        return True

    def _answered(self, delivery: Delivery, answer: Dataset) -> bool:
        """Note what the destination answered; False if it did not."""
        if "Status" not in answer:
            return False
        status = int(answer.Status)
        if _has_it(status):
            self._deliveries.delivered(delivery)
            self._deliveries.note_peer(delivery.destination, None)
            log("delivered", job=delivery.job, peer=delivery.destination, status=f"{status:04X}")
        else:
            self._refused(delivery, f"status {status:04X}")
        return True

    def _refused(self, delivery: Delivery, reason: str) -> None:
        """Put off what the destination answered but did not take, or give it up after so many times."""
        retry = self._config.retry
        self._deliveries.note_peer(delivery.destination, reason)
        if delivery.rejections + 1 >= retry.rejections:
            self._give_up(delivery, f"refused {retry.rejections} times, {reason}")
        else:
            seconds = pause_seconds(retry, delivery.rejections + 1)
            self._deliveries.put_off(delivery, seconds, reason, rejected=True)
            log("put off", job=delivery.job, peer=delivery.destination, reason=reason, seconds=f"{seconds:.0f}")

    def _give_up(self, delivery: Delivery, reason: str) -> None:
        self._deliveries.give_up(delivery, reason)
        log("failed", job=delivery.job, peer=delivery.destination, reason=reason)

    def _broken_off(self, delivery: Delivery) -> None:
        """Put off a result that the connection did not outlive, so that those behind it go first."""
        reason = "the connection broke off"
        self._deliveries.put_off(delivery, pause_seconds(self._config.retry, delivery.attempts + 1), reason)
        self._not_reached(reason)

    def _not_reached(self, reason: str) -> None:
        self._unreachable += 1
        self._deliveries.note_peer(self._destination.ae_title, reason)
        log("unreachable", peer=self._destination.ae_title, reason=reason, times=self._unreachable)


def associate(config: Config, destination: Destination, sop_classes: Iterable[str]) -> Association | None:
    """An association with a destination, which may not be established; None if its name cannot be resolved.

    Raises
    ------
    SettingsError
        If the files of TLS cannot be used.
    """
    entity = AE(config.ae_title)
    entity.connection_timeout = entity.acse_timeout = min(_ANSWER_SECONDS, config.limits.network_seconds)
    entity.dimse_timeout = entity.network_timeout = config.limits.network_seconds
    for sop_class in sorted(sop_classes):
        entity.add_requested_context(sop_class, list(RESULT_SYNTAXES) if sop_class in RESULTS else None)
    tls = (client_tls(config.tls), destination.host) if destination.tls and config.tls else None
    try:
        return entity.associate(
            destination.host,
            destination.port,
            ae_title=destination.ae_title,
            max_pdu=config.limits.pdu_bytes,
            tls_args=tls,
        )
    except OSError:
        return None


def stop_couriers(couriers: Iterable[Courier], seconds: float) -> None:
    """Let couriers end, waiting so long for all of them together."""
    couriers, ends = list(couriers), time.monotonic() + seconds
    for courier in couriers:
        courier.stop()
    for courier in couriers:
        courier.join(max(0.0, ends - time.monotonic()))


def _has_it(status: int) -> bool:
    """Whether the peer has the object: success, a warning (PS3.4, B.2.3), or it had it before (PS3.7, annex C)."""
    return status in (Status.SUCCESS, Status.DUPLICATE_SOP_INSTANCE) or status >> 12 == 0xB


def pause_seconds(retry: Retry, times: int, draw: Callable[[], float] = random.random) -> float:
    """How long to wait after so many attempts in a row: doubling, capped, then cut at random by up to half."""
    longest = min(retry.longest_seconds, retry.first_seconds * 2.0 ** min(max(times - 1, 0), 32))
    return longest * (1 - draw() / 2)
