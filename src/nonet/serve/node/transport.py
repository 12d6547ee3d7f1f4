"""The node's side of a TCP connection: bounded PDUs, bounded waits, TLS that shows and demands certificates.

pynetdicom reads a PDU of whatever length its header states, waits without end on a silent peer, and completes the TLS
handshake in the thread that accepts. Here each of these is bounded, and a slow peer holds up nobody else.
"""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from nonet.errors import SettingsError
from nonet.serve.node.log import log

if TYPE_CHECKING:
    import socket

    from pynetdicom.association import Association
    from pynetdicom.pdu_primitives import P_DATA

    from nonet.serve.node.config import Limits, Tls

__all__ = ["BoundedServer", "client_tls", "server_tls"]

_PIECE = 1 << 16
_SPARE_CONNECTIONS = 16
"""Connections beyond the associations, so that one too many is rejected in DICOM's own words."""


def server_tls(tls: Tls) -> ssl.SSLContext:
    """A context for peers that call: they must show a certificate of the authority.

    Raises
    ------
    SettingsError
        If a file cannot be used.
    """
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), tls)


def client_tls(tls: Tls) -> ssl.SSLContext:
    """A context for calling peers: their certificate is of the authority, and names the host that is called.

    Raises
    ------
    SettingsError
        If a file cannot be used.
    """
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), tls)


def _loaded(context: ssl.SSLContext, tls: Tls) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(tls.certificate, tls.key)
        context.load_verify_locations(tls.authority)
    except (OSError, ssl.SSLError) as problem:
        raise SettingsError(
            "TLS needs a certificate, its key and the peers' authority, in PEM files",
            found=f"{tls.certificate}, {tls.key}, {tls.authority}: {problem.strerror or problem}",
            remedy="Check the three paths under [tls], and that key and certificate belong together",
        ) from problem
    return context


class BoundedSocket(AssociationSocket):
    """A socket that takes no PDU longer than allowed, nor one that takes too long.

    Parameters
    ----------
    association
        Whose socket it is.
    connection
        The accepted connection.
    limits
        What a peer may do.
    """

    def __init__(self, association: Association, connection: socket.socket, limits: Limits) -> None:
        super().__init__(association, client_socket=connection)
        self._limits = limits

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, or fewer if the peer closes.

        Raises
        ------
        OSError
            If they are more than a PDU may have, or do not come in time.
        """
        if nr_bytes > self._limits.pdu_bytes + 6:
            log("cut off", reason=f"a PDU of {nr_bytes} bytes, where {self._limits.pdu_bytes} are allowed")
            raise OSError("a PDU that is too long")
        connection, received = self.socket, bytearray()
        ends = time.monotonic() + self._limits.network_seconds
        while connection is not None and len(received) < nr_bytes:
            if (left := ends - time.monotonic()) <= 0:
                log("cut off", reason=f"a PDU that took longer than {self._limits.network_seconds:g} s")
                raise TimeoutError("a PDU that takes too long")
            connection.settimeout(left)
            piece = connection.recv(min(_PIECE, nr_bytes - len(received)))
            if not piece:
                break
            received += piece
        if connection is not None:
            connection.settimeout(self._limits.network_seconds)
        return received


class _TidyProvider(DIMSEServiceProvider):
    """Removes what it wrote of an object where the disk takes no more of it."""

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take a part of a message."""
        try:
            super().receive_primitive(primitive)
        except OSError as problem:
            file = getattr(self.message, "_data_set_file", None)
            if file is not None:
                Path(file.name).unlink(missing_ok=True)
            log("aborted", peer=self.assoc.requestor.ae_title, reason=problem.strerror)
            raise


class _Handler(RequestHandler):
    """Makes associations that are bounded."""

    server: BoundedServer

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul.event_queue.queue.clear()
        association.dimse = _TidyProvider(association)
        association.dul.socket = BoundedSocket(association, self.request, self.server.limits)
        return association


class BoundedServer(ThreadedAssociationServer):
    """A server whose connections are few, bounded in time, and encrypted in a thread of their own.

    ``limits`` is what peers may do; the other parameters are pynetdicom's.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *arguments: Any, limits: Limits, **named: Any) -> None:  # noqa: ANN401
        self.limits = limits
        self._handshakes = threading.BoundedSemaphore(limits.associations + _SPARE_CONNECTIONS)
        super().__init__(*arguments, **{**named, "request_handler": _Handler})

    def get_request(self) -> tuple[socket.socket, Any]:
        """An accepted connection, still without TLS."""
        connection, address = self.socket.accept()  # type: ignore[union-attr]
        connection.settimeout(self.limits.network_seconds)
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401
        """Whether another connection may be taken."""
        del request
        most = self.limits.associations + _SPARE_CONNECTIONS
        if len(self.active_associations) < most and self._handshakes.acquire(blocking=False):
            return True
        log("refused", peer=client_address[0], reason="too many connections")
        return False

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve a connection, which may shake hands, in a thread of its own."""
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._handshakes.release()
            raise

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Shake hands, in the thread of this connection, then associate."""
        try:
            encrypted = self._shaken(request, client_address)
        finally:
            self._handshakes.release()
        if encrypted is not None:
            super().finish_request(encrypted, client_address)

    def _shaken(self, request: Any, client_address: Any) -> Any:  # noqa: ANN401
        """The connection, encrypted where it has to be; None if the peer cannot."""
        if not self.ssl_context:
            return request
        try:
            return self.ssl_context.wrap_socket(request, server_side=True)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "reason", None) or type(problem).__name__
            log("refused", peer=client_address[0], reason=f"no TLS: {reason}")
            self.shutdown_request(request)
            return None

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """One line in place of a traceback."""
        del request
        log("refused", peer=client_address[0], reason="an error of the connection")
