"""The receiving side: C-ECHO, and C-STORE into the queue. Success goes out only once the instance is on disk.

pynetdicom writes each data set to a file of its own as it comes, so that an instance costs no memory; the files lie in
the spool's ``incoming`` under names that nothing from the peer goes into. Nothing of a data set is parsed here.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pynetdicom import AE, _config, evt
from pynetdicom.dsutils import split_dataset
from pynetdicom.pdu import P_DATA_TF

from nonet.errors import EnvironmentFailure
from nonet.serve.node.jobs import Receipt
from nonet.serve.node.log import log
from nonet.serve.node.sop_classes import IMAGE_SYNTAXES, IMAGES, RESULT_SYNTAXES, RESULTS, VERIFICATION, Status
from nonet.serve.node.transport import BoundedServer, server_tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pynetdicom.association import Association
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.events import Event

    from nonet.serve.node.config import Config
    from nonet.serve.node.queue import Queue

__all__ = ["Receiver"]

_UID = re.compile(r"(?=.{1,64}$)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_COMMAND_BYTES = 1 << 16
_ROOM_EVERY = 16 << 20
_LEFT_SECONDS = 900


class Receiver:
    """Listens, and puts what comes into the queue.

    Parameters
    ----------
    config
        Who may call, and how much each may take.
    queue
        Where instances go.
    received
        Called when there is one more to read.
    """

    def __init__(self, config: Config, queue: Queue, received: Callable[[], None]) -> None:
        self._config, self._queue, self._received = config, queue, received
        self._sizes: WeakKeyDictionary[Association, int] = WeakKeyDictionary()
        self._server: BoundedServer | None = None

    def start(self) -> int:
        """Begin to listen; the port.

        Raises
        ------
        OSError
            If the address cannot be listened on.
        SettingsError
            If the files of TLS cannot be used.
        """
        _config.STORE_RECV_CHUNKED_DATASET = True
        tempfile.tempdir = str(self._queue.spool.incoming)
        server: BoundedServer = self._entity().make_server(  # type: ignore[assignment]
            (self._config.host, self._config.port),
            ssl_context=server_tls(self._config.tls) if self._config.tls else None,
            evt_handlers=[
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_PDU_RECV, self._weigh),
                (evt.EVT_DIMSE_RECV, self._whole),
                (evt.EVT_CONN_CLOSE, self._closed),
                (evt.EVT_REJECTED, self._rejected),
            ],
            server_class=BoundedServer,
            limits=self._config.limits,
        )
        server.ae._servers.append(server)
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.2,), name="listener", daemon=True).start()
        return int(server.server_address[1])

    def stop(self, seconds: float) -> None:
        """Accept nobody any more; give those who are here some time to finish, then abort."""
        if self._server is None:
            return
        self._server.shutdown()
        ends = time.monotonic() + seconds
        while self._server.active_associations and time.monotonic() < ends:
            time.sleep(0.05)
        for association in self._server.active_associations:
            association.abort(block=False)
        tempfile.tempdir = None
        _config.STORE_RECV_CHUNKED_DATASET = False

    @property
    def associations(self) -> int:
        """Associations that are open."""
        return len(self._server.active_associations) if self._server else 0

    def sweep(self) -> None:
        """Remove what broken connections left in ``incoming`` some time ago."""
        before = time.time() - _LEFT_SECONDS
        for path in self._queue.spool.incoming.iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _entity(self) -> AE:
        config, entity = self._config, AE(self._config.ae_title)
        entity.require_calling_aet = list(config.calling_ae_titles)
        entity.require_called_aet = config.check_called_ae_title
        entity.maximum_associations = config.limits.associations
        entity.maximum_pdu_size = config.limits.pdu_bytes
        entity.network_timeout = entity.dimse_timeout = config.limits.network_seconds
        entity.acse_timeout = min(30.0, config.limits.network_seconds)
        entity.add_supported_context(VERIFICATION)
        for sop_class in IMAGES:
            entity.add_supported_context(sop_class, list(IMAGE_SYNTAXES))
        for sop_class in RESULTS:
            entity.add_supported_context(sop_class, list(RESULT_SYNTAXES))
        return entity

    def _store(self, event: Event) -> int:
        """Answer a C-STORE."""
        peer = event.assoc.requestor.ae_title
        request: C_STORE = event.request  # type: ignore[assignment]
        instance, sop_class = str(request.AffectedSOPInstanceUID), str(request.AffectedSOPClassUID)
        if not _UID.fullmatch(instance):
            log("refused", peer=peer, reason="a SOP Instance UID that is none", status="0117")
            return Status.INVALID_SOP_INSTANCE
        path: Path = event.dataset_path
        try:
            size = path.stat().st_size
            receipt, number = self._queue.put(
                path, sop_instance_uid=instance, sop_class_uid=sop_class, origin=peer, sha256=_content_sha256(path)
            )
        except (EnvironmentFailure, OSError, sqlite3.Error) as problem:
            reason = problem.found if isinstance(problem, EnvironmentFailure) else type(problem).__name__
            log("refused", peer=peer, reason=reason, status="A700")
            return Status.OUT_OF_RESOURCES
        log("received", job=number, peer=peer, bytes=size, receipt=receipt)
        if receipt is Receipt.OTHER_VERSION:
            return Status.DUPLICATE_SOP_INSTANCE
        self._received()
        return Status.SUCCESS

    def _weigh(self, event: Event) -> None:
        """Abort a peer whose message grows too large, or for which the disk has no room."""
        if not isinstance(event.pdu, P_DATA_TF) or event.assoc._sent_abort:
            return
        values = [item.presentation_data_value or b"" for item in event.pdu.presentation_data_value_items]
        before = self._sizes.get(event.assoc, 0)
        size = self._sizes[event.assoc] = before + sum(map(len, values))
        command = event.assoc.dimse.message.encoded_command_set.tell() if event.assoc.dimse.message else 0
        reason = None
        if size > self._config.limits.object_bytes:
            reason = f"an object of more than {self._config.limits.object_bytes} bytes"
        elif command > _COMMAND_BYTES or any(
            value[:1] and value[0] & 1 and len(value) > _COMMAND_BYTES for value in values
        ):
            reason = f"a command of more than {_COMMAND_BYTES} bytes"
        elif size // _ROOM_EVERY > before // _ROOM_EVERY:
            reason = self._no_room(size)
        if reason:
            log("aborted", peer=event.assoc.requestor.ae_title, reason=reason)
            event.assoc.abort()

    def _no_room(self, size: int) -> str | None:
        try:
            self._queue.check_room(size)
        except EnvironmentFailure as problem:
            return problem.found
        return None

    def _whole(self, event: Event) -> None:
        self._sizes.pop(event.assoc, None)

    def _closed(self, event: Event) -> None:
        """Remove what a connection that broke off had sent."""
        message = event.assoc.dimse.message
        file = getattr(message, "_data_set_file", None)
        if file is not None:
            file.close()
            self._queue.spool.incoming.joinpath(file.name).unlink(missing_ok=True)
            log("broken off", peer=event.assoc.requestor.ae_title, reason="the connection ended within an object")

    def _rejected(self, event: Event) -> None:
        request = event.assoc.requestor.primitive
        log(
            "rejected",
            calling=request.calling_ae_title if request else None,
            called=request.called_ae_title if request else None,
            reason="not among calling_ae_titles, not called by our title, or one association too many",
        )


def _content_sha256(path: Path) -> str:
    """The hash of a data set without the meta information, which is pynetdicom's own."""
    _, start = split_dataset(path)
    with path.open("rb") as file:
        file.seek(start)
        digest: Any = hashlib.file_digest(file, "sha256")
        return str(digest.hexdigest())
