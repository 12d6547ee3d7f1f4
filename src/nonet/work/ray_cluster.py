"""A Ray cluster to work on: one of this process's own, or one that runs already; it asks no address outside.

Ray's usage statistics, dashboard and metrics are off. Its own way to learn this machine's address is to ask the routing
for a public one, so the address is given: the loopback, or the one from which the cluster is reached.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import EnvironmentFailure, NonetError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["open_cluster"]

_LOOPBACK = "127.0.0.2" if sys.platform.startswith("linux") else "127.0.0.1"
"""Ray on Linux puts an address of the network in place of 127.0.0.1; others of the loopback it takes as they are."""

_SILENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "false",
    "RAY_DASHBOARD_STARTUP_TIMEOUT_S": "10",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_NOWHERE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.0/8,127.0.0.1,127.0.0.2,localhost",
}
"""For the processes of a cluster: its usage report, though it is off, asks a cloud's address what machine this is."""
_OBJECT_STORE_BYTES = 256 << 20
_ANSWER_SECONDS = 5.0
_STARTS = 3
"""Ray gives a node 30 seconds to start, which a busy machine may not keep."""
_LONGEST_FOLDER = 40
"""Bytes of a folder's path that leave room for Ray's sockets in the 107 of a socket's address."""


@contextmanager
def open_cluster(address: str | None, workers: int) -> Iterator[int]:
    """Connect to a cluster, or start one on this machine; yields the number of its slots (CPUs).

    Parameters
    ----------
    address
        ``HOST:PORT`` of a running cluster's head, this machine being one of its nodes; None starts one.
    workers
        Number of workers that one of this process's own is for: it has one slot more.

    Raises
    ------
    SettingsError
        If the address is none, or nobody answers there.
    EnvironmentFailure
        If a cluster cannot be started on this machine.
    """
    os.environ.update({name: value for name, value in _SILENT.items() if name not in os.environ})
    if address:
        _check_answer(*_parsed(address))
    with _running(address) if address else _started(workers) as slots:
        yield slots


@contextmanager
def _started(workers: int) -> Iterator[int]:
    """A cluster of this process's own, gone with all its files when it is done."""
    os.environ["RAY_AUTH_MODE"] = "token"  # whoever else is on this machine may not use it
    os.environ["RAY_AUTH_TOKEN"] = _token()
    import ray

    folder = tempfile.mkdtemp(prefix="ray", dir=_short_folder())
    try:
        _start(ray, workers + 1, folder)
        yield workers + 1
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _token() -> str:
    """What opens this process's own clusters; Ray reads it once a process."""
    return secrets.token_hex(32)


def _start(ray: Any, slots: int, folder: str) -> None:  # noqa: ANN401
    for start in range(_STARTS):
        try:
            with _environment(_NOWHERE):
                _init(
                    ray,
                    address="local",  # whatever RAY_ADDRESS says
                    num_cpus=slots,
                    num_gpus=0,
                    include_dashboard=False,
                    object_store_memory=_OBJECT_STORE_BYTES,
                    _node_ip_address=_LOOPBACK,
                    _temp_dir=folder,
                )
        except Exception as problem:
            ray.shutdown()
            if start == _STARTS - 1:
                raise EnvironmentFailure(
                    "Ray starts on this machine",
                    found=_first_line(problem),
                    remedy="Free memory and disk, or read with --engine local",
                ) from problem
        else:
            return


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for the processes that are started within it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _init(ray: Any, **options: Any) -> None:  # noqa: ANN401
    """Call `ray.init` and take back the answer to SIGTERM, in whose place Ray puts its own."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(log_to_driver=False, logging_level=logging.CRITICAL, **options)
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _running(address: str) -> Iterator[int]:
    """A cluster that runs already; it is left as it is."""
    import ray

    try:
        _init(ray, address=address, _node_ip_address=_seen_from(*_parsed(address)))
    except NonetError:
        raise
    except Exception as problem:
        ray.shutdown()
        raise SettingsError(
            "--address is the head of a Ray cluster of which this machine is a node",
            found=f"{address}: {_first_line(problem)}",
            remedy="Start a node here with: ray start --address=HOST:PORT; versions and tokens must agree",
        ) from problem
    try:
        yield int(ray.cluster_resources().get("CPU", 0))
    finally:
        ray.shutdown()


def _parsed(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise SettingsError(
            "--address is HOST:PORT of the head of a Ray cluster",
            found=repr(address),
            remedy="Give the address that `ray start --head` printed, or leave it out to work on this machine",
        )
    return host.strip("[]"), int(port)


def _check_answer(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), _ANSWER_SECONDS).close()
    except OSError as problem:
        raise SettingsError(
            "A Ray cluster answers at --address",
            found=f"{host}:{port}: {(problem.strerror or str(problem)).lower()}",
            remedy="Start it with `ray start --head`, or leave --address out to work on this machine",
        ) from problem


def _seen_from(host: str, port: int) -> str:
    """The address of this machine as the cluster's head sees it; nothing is sent."""
    if host.startswith("127."):
        return host
    (family, kind, _, _, target), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    with socket.socket(family, kind) as probe:
        probe.connect(target)
        return str(probe.getsockname()[0])


def _short_folder() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_FOLDER or not Path("/tmp").is_dir() else "/tmp"  # noqa: S108


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".")
