"""Where a data set lies: a folder, or a prefix of an S3-compatible object store; an object is there whole or not.

In a folder it is written beside its place, then moved into it; in an object store it is one put. The endpoint, region
and credentials of a store are those of the standard environment variables (``AWS_ENDPOINT_URL_S3`` or
``AWS_ENDPOINT_URL``, ``AWS_REGION``, ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ...).
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from nonet.errors import EnvironmentFailure, SettingsError
from nonet.files import replacing_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

__all__ = ["FolderStore", "ObjectStore", "Store", "is_object_store", "open_store"]

_SCHEME = re.compile("([a-z][a-z0-9+.-]*)://")
_REGION = "us-east-1"
_CONNECT_SECONDS, _REQUEST_SECONDS, _TRIES = 5.0, 60.0, 4


class Store(Protocol):
    """Objects by their path, words parted by slashes; picklable, so that other processes write too."""

    @property
    def address(self) -> str:
        """The folder, or the address, as the user gave it."""

    def has(self, path: str) -> bool:
        """Whether an object is there."""

    def read(self, path: str) -> bytes:
        """The bytes of an object that is there."""

    def write(self, path: str, data: bytes) -> None:
        """Put an object, in place of one that is there."""

    def paths_in(self, folder: str) -> Sequence[str]:
        """The paths of all objects below a folder, in order; none if there is no such folder."""

    def columns(self, path: str, names: Sequence[str]) -> pa.Table:
        """Some columns of a Parquet object."""


def is_object_store(address: str) -> bool:
    """Whether a place for results is an address, not a folder."""
    return _SCHEME.match(address) is not None


def open_store(address: str) -> Store:
    """The store at an address, ``s3://BUCKET/PREFIX``, or in a folder.

    Raises
    ------
    SettingsError
        If the address is of another kind, or has no bucket.
    """
    if not is_object_store(address):
        return FolderStore(Path(address))
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            "An object store is s3://BUCKET or s3://BUCKET/PREFIX",
            found=address,
            remedy="Name a folder or such an address; endpoint and credentials go in the AWS_ environment variables",
        )
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION
    return ObjectStore(parts.netloc, parts.path.strip("/"), endpoint, region)


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder."""

    root: Path

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.root)

    def has(self, path: str) -> bool:
        """Whether a file is there."""
        return (self.root / path).is_file()

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return (self.root / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """Write a file beside its place, then move it there."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(target) as file:
            file.write(data)

    def paths_in(self, folder: str) -> Sequence[str]:
        """The paths of all files below a folder."""
        found = (Path(at, name) for at, _, names in os.walk(self.root / folder) for name in names)
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def columns(self, path: str, names: Sequence[str]) -> pa.Table:
        """Some columns of a Parquet file."""
        import pyarrow.parquet as pq

        return pq.read_table(self.root / path, columns=list(names))


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A prefix of a bucket.

    Parameters
    ----------
    bucket, prefix
        Where objects lie.
    endpoint
        Address of an S3-compatible server, or empty for Amazon's own.
    region
        Of the bucket.
    """

    bucket: str
    prefix: str
    endpoint: str
    region: str

    @property
    def address(self) -> str:
        """The address without the endpoint."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def has(self, path: str) -> bool:
        """Whether an object is there."""
        import pyarrow.fs as pa_fs

        with self._talk() as files:
            return bool(files.get_file_info(self._key(path)).type == pa_fs.FileType.File)

    def read(self, path: str) -> bytes:
        """The bytes of an object."""
        with self._talk() as files, files.open_input_stream(self._key(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Put an object."""
        with self._talk() as files, files.open_output_stream(self._key(path), buffer_size=0) as stream:
            stream.write(data)

    def paths_in(self, folder: str) -> Sequence[str]:
        """The paths of all objects below a folder."""
        import pyarrow.fs as pa_fs

        start = len(self._key(""))
        with self._talk() as files:
            selector = pa_fs.FileSelector(self._key(folder), recursive=True, allow_not_found=True)
            found = files.get_file_info(selector)
            return sorted(one.path[start:] for one in found if one.type == pa_fs.FileType.File)

    def columns(self, path: str, names: Sequence[str]) -> pa.Table:
        """Some columns of a Parquet object."""
        import pyarrow.parquet as pq

        with self._talk() as files:
            return pq.read_table(self._key(path), columns=list(names), filesystem=files)

    def _key(self, path: str) -> str:
        return f"{self.bucket}/{self.prefix}/{path}" if self.prefix else f"{self.bucket}/{path}"

    @contextmanager
    def _talk(self) -> Iterator[Any]:
        """The file system of the store; what it answers instead is Nonet's own error."""
        try:
            yield _s3(self.endpoint, self.region)
        except OSError as problem:
            said = (str(problem).splitlines() or ["no answer"])[0].rstrip(".")
            raise EnvironmentFailure(
                "Results can be written to and read from the object store",
                found=f"{self.address} at {self.endpoint or 'amazonaws.com'}: {said}",
                remedy="Check bucket, endpoint, credentials and space, and run the same command again",
            ) from problem


@cache
def _s3(endpoint: str, region: str) -> Any:  # noqa: ANN401
    """A file system; one a process."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    scheme, _, host = endpoint.rpartition("://")
    return S3FileSystem(
        endpoint_override=host or None,
        scheme=scheme or "https",
        region=region,
        background_writes=False,
        allow_delayed_open=True,  # small objects are one put
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_REQUEST_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_TRIES),
    )
