"""``nonet node check``: each thing that a node needs, tried once, with what is wrong and what helps."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.errors import NonetError, SettingsError
from nonet.serve.node.deliver import associate
from nonet.serve.node.log import silence_libraries
from nonet.serve.node.sop_classes import RESULTS, VERIFICATION
from nonet.serve.node.transport import client_tls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pynetdicom.association import Association

    from nonet.serve.node.config import Config, Destination, Tls

__all__ = ["Check", "check_node"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried: its name, whether it is well, and what was found."""

    name: str
    ok: bool
    words: str


def check_node(config: Config) -> Iterator[Check]:
    """Try what a node needs, one after the other: its spool, bundle and TLS, then each destination."""
    silence_libraries()
    yield _tried("spool", lambda: _spool(config))
    yield _tried("bundle", lambda: _bundle(config.bundle or DEFAULT_BUNDLE))
    if config.tls:
        yield _tried("tls", partial(_tls, config.tls))
    for destination in config.destinations:
        name = f"{destination.ae_title} {destination.host}:{destination.port}"
        yield _tried(name, partial(_peer, config, destination))


def _tried(name: str, action: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, words=action())
    except NonetError as problem:
        return Check(name, ok=False, words=str(problem))


def _spool(config: Config) -> str:
    folder = config.spool
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise _wrong(
            "The spool is a folder that the node may write to", f"{nearest}, which it may not", "Change its owner"
        )
    free, wanted = shutil.disk_usage(nearest).free, config.limits.free_bytes
    if free <= wanted:
        raise _wrong("The disk of the spool has room", f"{free} bytes free, {wanted} to stay", "Free some space")
    return f"{folder}, {free >> 20} MiB free on its disk"


def _bundle(folder: Path) -> str:
    reference = Bundle(folder).reference
    return f"{reference.name} {reference.version}, sha256 {reference.sha256}"


def _tls(tls: Tls) -> str:
    return f"{client_tls(tls).minimum_version.name} or later, certificates on both sides"


def _peer(config: Config, destination: Destination) -> str:
    """Echo a destination, and ask whether it takes every kind of result."""
    wanted = {sop_class: name for sop_class, (kind, name) in RESULTS.items() if kind in config.send}
    association = associate(config, destination, [VERIFICATION, *wanted])
    if association is None or not association.is_established:
        raise _unreached(association, destination)
    try:
        answer = association.send_c_echo()
        accepted = {str(context.abstract_syntax) for context in association.accepted_contexts}
    except (RuntimeError, ValueError) as problem:
        raise _wrong("A destination answers C-ECHO", "none accepted", "Let it accept Verification") from problem
    finally:
        if association.is_established:
            association.release()
    if answer.get("Status") != 0:
        raise _wrong("A destination answers C-ECHO with success", f"status {answer.get('Status')}", "Look into its log")
    if refused := [name for sop_class, name in wanted.items() if sop_class not in accepted]:
        raise _wrong(
            "A destination takes every kind of result that is sent to it",
            f"refused: {', '.join(refused)}",
            "Let it accept these SOP classes, or leave the kind out of send",
        )
    return f"answers C-ECHO, takes {', '.join(wanted.values())}"


def _unreached(association: Association | None, destination: Destination) -> NonetError:
    if association is not None and association.is_rejected:
        return _wrong(
            "A destination accepts an association",
            "it rejects ours",
            f"Enter our AE title, host and port there, and check that its title is {destination.ae_title}",
        )
    if association is not None and association.is_aborted:
        return _wrong(
            "A destination can be reached", "no connection", "Check host, port, firewall, and whether it speaks TLS"
        )
    return _wrong("A destination can be reached", "an unknown host", "Check its name")


def _wrong(rule: str, found: str, remedy: str) -> SettingsError:
    return SettingsError(rule, found=found, remedy=remedy)
