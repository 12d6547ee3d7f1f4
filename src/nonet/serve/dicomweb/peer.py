"""A DICOMweb server: which ultrasound it holds, one instance as a file, and results stored on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from dicomweb_client import DICOMwebClient

from nonet.errors import DicomError, EnvironmentFailure, InputTooLarge
from nonet.frames.guards import Limits
from nonet.outputs.dicom.source import header_of
from nonet.serve.dicomweb.address import is_uid
from nonet.serve.dicomweb.multipart import write_first_part
from nonet.serve.dicomweb.session import GuardedSession, answering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pydicom.dataset import Dataset

    from nonet.serve.dicomweb.address import DicomWebAddress

__all__ = ["DicomWebPeer", "RemoteInstance"]

_LIMITS = Limits()
_PAGE = 200
_MOST_INSTANCES = 20_000
_ULTRASOUND = (
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.6",
    "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.3",
)
"""Ultrasound Image and Ultrasound Multi-frame Image Storage, and the retired ones (PS3.6, annex A)."""
_CLASS, _INSTANCE, _SERIES = "00080016", "00080018", "0020000E"


@dataclass(frozen=True, slots=True)
class RemoteInstance:
    """Where an instance lies on the server."""

    study: str
    series: str
    instance: str


class DicomWebPeer:
    """A server.

    Parameters
    ----------
    address
        Its root is where the services are.
    headers
        What each request carries, such as credentials.
    authorities
        A file of certificates to trust.
    limits
        What an instance may ask for.
    """

    def __init__(
        self,
        address: DicomWebAddress,
        headers: Mapping[str, str],
        authorities: Path | None = None,
        limits: Limits = _LIMITS,
    ) -> None:
        self.name = address.peer
        self._base, self._limits = address.base_url, limits
        self._session = GuardedSession(address.peer, headers, authorities)
        self._client = DICOMwebClient(address.base_url, session=self._session)
        self._client.set_http_retry_params(retry=False)

    def ultrasound(self, address: DicomWebAddress) -> list[RemoteInstance]:
        """The ultrasound instances of a study or a series; an address of one instance is that one, whatever it is.

        Raises
        ------
        EnvironmentFailure
            If the server does not answer.
        InputTooLarge
            If it lists more than 20,000.
        """
        if address.instance:
            return [RemoteInstance(address.study, address.series, address.instance)]
        found: dict[str, RemoteInstance] = {}
        for row in self._rows(address):
            series, instance = address.series or _first(row, _SERIES), _first(row, _INSTANCE)
            if _first(row, _CLASS) in _ULTRASOUND and is_uid(series) and is_uid(instance):
                found[instance] = RemoteInstance(address.study, series, instance)
        return list(found.values())

    def _rows(self, address: DicomWebAddress) -> Iterator[Mapping[str, Any]]:
        """What QIDO-RS answers, page by page (PS3.18, section 10.6); a server that pages wrongly ends it."""
        seen: set[str] = set()
        while len(seen) < _MOST_INSTANCES:
            with self._answering():
                page = self._client.search_for_instances(
                    address.study, address.series or None, limit=_PAGE, offset=len(seen), fields=["SOPClassUID"]
                )
                new = {_first(row, _INSTANCE): row for row in page}
            new = {instance: row for instance, row in new.items() if instance not in seen}
            yield from new.values()
            seen |= new.keys()
            if not new:
                return
        raise InputTooLarge(
            f"A study has at most {_MOST_INSTANCES} instances",
            found="more",
            remedy="Read its series one by one",
        )

    def fetch(self, remote: RemoteInstance, target: Path) -> None:
        """Write an instance to a file as the server holds it (PS3.18, section 10.4).

        Raises
        ------
        DicomError
            If the server does not give this instance, or gives another.
        InputTooLarge
            If it is larger than a file may be.
        EnvironmentFailure
            If the server does not answer.
        """
        url = f"{self._base}/studies/{remote.study}/series/{remote.series}/instances/{remote.instance}"
        headers = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
        try:
            with self._answering(), self._session.get(url, headers=headers, stream=True) as answer:
                answer.raise_for_status()
                pieces = self._session.parts(answer, self._limits.file_bytes)
                with target.open("xb") as file:
                    write_first_part(answer.headers.get("Content-Type", ""), pieces, file)
        except requests.HTTPError as problem:
            raise DicomError(
                f"{self.name} gives the instances that it lists",
                found=f"{remote.instance}: {_status(problem)}",
                remedy="Look into the server's log for this instance",
            ) from None
        self._check(remote, target)

    def _check(self, remote: RemoteInstance, target: Path) -> None:
        """Raise unless a file is the instance that was asked for."""
        header = header_of(target, self._limits)
        named = tuple(str(header.get(f"{part}InstanceUID", "")) for part in ("Study", "Series", "SOP"))
        if named != (remote.study, remote.series, remote.instance):
            raise DicomError(
                f"{self.name} gives the instances that it is asked for",
                found=f"{remote.instance}: another study, series or instance in its header",
                remedy="Look into the server's log for this instance",
            )

    def store(self, study: str, objects: Sequence[Dataset]) -> None:
        """Store results in a study (PS3.18, section 10.5).

        Raises
        ------
        DicomError
            If the server does not take them all.
        EnvironmentFailure
            If it does not answer.
        """
        refused = "status 409"
        try:
            with self._answering():
                failed = self._client.store_instances(objects, study).get("FailedSOPSequence") or []
        except requests.HTTPError as problem:
            refused, failed = _status(problem), list(objects)
        if failed:
            raise DicomError(
                f"{self.name} stores the results that it is sent",
                found=f"{len(failed)} of {len(objects)} refused ({refused})",
                remedy="Look into the server's log; the results lie in the output folder",
            )

    def _answering(self) -> AbstractContextManager[None]:
        return answering(self.name)


def _status(problem: requests.HTTPError) -> str:
    return f"status {problem.response.status_code}" if problem.response is not None else "no status"


def _first(row: Mapping[str, Any], tag: str) -> str:
    """The first value of an attribute in the DICOM JSON model (PS3.18, annex F)."""
    try:
        value = row[tag]["Value"][0] if tag in row else ""
    except (TypeError, KeyError, IndexError):
        value = None
    if not isinstance(row, dict) or not isinstance(value, str):
        raise EnvironmentFailure(
            "A DICOMweb server answers in the DICOM JSON model",
            found="a row or a UID in another form",
            remedy="Check the root of its DICOMweb services",
        )
    return value
