"""What ``nonet read`` does with the address of a DICOMweb server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.cli.extras import needs_extra
from nonet.serve.dicomweb.address import DicomWebAddress
from nonet.serve.dicomweb.credentials import authorization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.outputs.folder import NamedReading, OutputFolder
    from nonet.outputs.read_file import Job

__all__ = ["Addresses"]


class Addresses:
    """The addresses on a command line, checked before anything is read.

    Parameters
    ----------
    texts
        The addresses.
    credentials
        What ``--credentials`` names.
    authorities
        A file of certificates to trust.

    Raises
    ------
    SettingsError
        If an address is none, credentials are not as they should be or would be sent in clear to another machine, or
        the extra ``node`` is not installed.
    """

    def __init__(self, texts: Sequence[str], credentials: str | None, authorities: Path | None) -> None:
        from nonet.errors import SettingsError

        self._addresses = [DicomWebAddress.parse(text) for text in texts]
        self._headers, self._authorities = authorization(credentials), authorities
        if self._headers and not all(one.is_encrypted or one.is_here for one in self._addresses):
            raise SettingsError(
                "Credentials go to another machine encrypted",
                found="dicomweb+http:// with --credentials",
                remedy="Use dicomweb://, which is HTTPS",
            )
        if self._addresses:
            with needs_extra("node"):
                import dicomweb_client  # noqa: F401

    def read(
        self,
        folder: OutputFolder,
        watch: Callable[[Sequence[Job]], Iterable[Job]],
        *,
        stored: Sequence[str],
        again: bool,
        workers: Callable[[int], int],
    ) -> Iterator[NamedReading]:
        """The readings of what lies at the addresses, one address after the other; ``stored`` results go back."""
        if not self._addresses:
            return
        from nonet.serve.dicomweb.peer import DicomWebPeer
        from nonet.serve.dicomweb.remote_reading import RemoteReading

        for address in self._addresses:
            peer = DicomWebPeer(address, self._headers, self._authorities)
            reading = RemoteReading(peer, address, folder, tuple(stored))
            yield from reading.read(watch, again=again, workers=workers)
