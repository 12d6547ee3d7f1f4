"""The node: a receiver, readers and couriers around one durable queue, from its start to its orderly end."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.environment import environment_failure
from nonet.errors import EnvironmentFailure
from nonet.serve.node.deliver import Courier, stop_couriers
from nonet.serve.node.deliveries import Deliveries
from nonet.serve.node.health import HealthServer
from nonet.serve.node.log import log, silence_libraries
from nonet.serve.node.queue import Queue
from nonet.serve.node.read_worker import Setup
from nonet.serve.node.readers import STOP_SECONDS as READERS_SECONDS
from nonet.serve.node.readers import Readers, ended_its_reader
from nonet.serve.node.receive import Receiver
from nonet.serve.node.spool import Spool
from nonet.serve.node.summary import summarise
from nonet.serve.node.transport import client_tls
from nonet.serve.node.vital import MachineRefused, machine

if TYPE_CHECKING:
    from nonet.serve.node.config import Config
    from nonet.serve.node.jobs import Delivery

__all__ = ["STOP_SECONDS", "Node", "serve"]

_HOUSEKEEPING_SECONDS = 60.0
_LEAVE_SECONDS = 5.0
_SENDING_SECONDS = 25.0
STOP_SECONDS = _LEAVE_SECONDS + READERS_SECONDS + _SENDING_SECONDS
"""The longest that a stop waits for peers and readers; a supervisor has to allow a little more."""
_HOUR, _DAY = 3600.0, 86400.0


class Node:
    """Everything that runs, put together.

    Parameters
    ----------
    config
        The node's configuration.

    Raises
    ------
    NonetError
        If the spool is held by another node or is not its own, the bundle cannot be opened, or TLS cannot be used.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        folder = config.bundle or DEFAULT_BUNDLE
        bundle = Bundle(folder).reference
        if config.tls:
            client_tls(config.tls)
        self._spool = Spool(config.spool)
        self._lock = self._spool.hold()
        limits = config.limits
        self._queue = Queue(self._spool, config.keep, storage_bytes=limits.storage_bytes, free_bytes=limits.free_bytes)
        self._deliveries = Deliveries(self._queue)
        in_hand = self._queue.recover(ended_its_reader(limits.read_attempts), limits.read_attempts)
        removed = self._deliveries.give_up_removed({one.ae_title for one in config.destinations})
        _log_given_up(removed, "a destination taken out of the configuration")
        setup = Setup(folder, tuple(map(str, config.send)), config.spool)
        self._couriers = [Courier(config, one, self._deliveries, self._spool) for one in config.destinations]
        self._readers = Readers(config, setup, self._queue, self._has_results)
        self._receiver = Receiver(config, self._queue, self._readers.wake)
        self._health: HealthServer | None = None
        log("start", bundle=f"{bundle.name} {bundle.version}", sha256=bundle.sha256, in_hand=in_hand)

    def start(self) -> None:
        """Begin to work.

        Raises
        ------
        EnvironmentFailure
            If a port cannot be listened on.
        """
        try:
            if self.config.health:
                self._health = HealthServer(self.config.health.port, self.report)
            port = self._receiver.start()
        except OSError as problem:
            raise _no_port(self.config, problem) from problem
        self._readers.start()
        for courier in self._couriers:
            courier.start()
        encrypted = "yes" if self.config.tls else "no"
        health = self._health.port if self._health else None
        log("listening", ae_title=self.config.ae_title, host=self.config.host, port=port, tls=encrypted, health=health)

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.wait(_HOUSEKEEPING_SECONDS):
            with suppress(MachineRefused), machine():
                self.keep_house()

    def keep_house(self) -> None:
        """Give up what could not be delivered for too long, forget what is long past, remove leftovers."""
        lost = self._deliveries.give_up_old(self.config.retry.give_up_hours * _HOUR)
        _log_given_up(lost, "not delivered for too long")
        self._queue.forget(self.config.remember_days * _DAY)
        self._receiver.sweep()

    def stop(self) -> None:
        """Accept nothing more, give what is in hand `STOP_SECONDS` to end, and leave the rest to the next start."""
        log("stopping")
        self._receiver.stop(_LEAVE_SECONDS)
        self._readers.stop()
        stop_couriers(self._couriers, _SENDING_SECONDS)
        if self._health:
            self._health.stop()
        self._queue.close()
        self._lock.release()
        log("stopped")

    def report(self) -> dict[str, Any]:
        """What the health endpoint answers."""
        found = summarise(self._queue, failures=0).to_dict()
        del found["failures"]
        troubles = [
            *(["no reader is ready"] if not self._readers.ready else []),
            *(["reading waits for the machine"] if self._readers.paused else []),
            *(["no room for another instance"] if self._is_full() else []),
        ]
        return {"ok": not troubles, "troubles": troubles, "associations": self._receiver.associations, **found}

    def _is_full(self) -> bool:
        try:
            self._queue.check_room(0)
        except EnvironmentFailure:
            return True
        return False

    def _has_results(self) -> None:
        for courier in self._couriers:
            courier.wake()


def _log_given_up(lost: list[Delivery], reason: str) -> None:
    for one in lost:
        log("failed", job=one.job, peer=one.destination, reason=reason)


def serve(config: Config) -> None:
    """Run a node in this process until SIGTERM or SIGINT.

    Raises
    ------
    NonetError
        If it cannot start.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.umask(0o077)
    silence_libraries()
    node = Node(config)
    node.start()
    node.run(stop)
    node.stop()
    os._exit(0)  # a peer that does not let go of its connection holds a thread of pynetdicom


def _no_port(config: Config, problem: OSError) -> EnvironmentFailure:
    health = f" or 127.0.0.1:{config.health.port}" if config.health else ""
    return EnvironmentFailure(
        "The node's ports can be listened on",
        found=f"{config.host}:{config.port}{health}: {environment_failure(problem).found}",
        remedy="Stop what listens there, or change host or port in the configuration",
    )
