"""The node's configuration: one small TOML file, every field checked before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from nonet.datasets.toml_file import field_names, first_fault, read_toml
from nonet.errors import SettingsError

__all__ = ["Config", "Destination", "Health", "Keep", "Limits", "ResultKind", "Retry", "Tls", "load_config"]

_STRICT = ConfigDict(extra="forbid")
_MEBI, _GIBI = 1 << 20, 1 << 30


def _ae_title(text: str) -> str:
    """An AE title: 1 to 16 printable ASCII characters without a backslash, not spaces only (PS3.5, table 6.2-1)."""
    title = text.strip()
    if not (1 <= len(title) <= 16 and title.isascii() and title.isprintable() and "\\" not in title):
        raise ValueError("an AE title has 1 to 16 printable ASCII characters and no backslash")
    return title


AeTitle = Annotated[str, AfterValidator(_ae_title)]
Port = Annotated[int, Field(ge=1, le=65535)]
OwnPort = Annotated[int, Field(ge=0, le=65535)]
"""A port to listen on; 0 lets the system choose one, which the log names."""


class ResultKind(StrEnum):
    """What may be sent of each instance, by the names of ``nonet read --save``."""

    SR = "sr"
    GSPS = "gsps"
    SC = "sc"


class Keep(StrEnum):
    """Which received files stay in the spool once their instance has ended."""

    NOTHING = "nothing"
    FAILED = "failed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Destination:
    """A peer that results are sent to, over TLS or not; its AE title names it in the queue."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    ae_title: AeTitle
    host: Annotated[str, Field(min_length=1)]
    port: Port
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Tls:
    """Own certificate and key, and the authority that signs the peers': both sides show one (PS3.15, B.12)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that peers and files may take.

    Parameters
    ----------
    associations
        Associations at the same time; one more is rejected.
    pdu_bytes
        Longest PDU; a peer that sends a longer one is cut off.
    object_bytes
        Largest instance; a peer that sends a larger one is aborted.
    storage_bytes
        What the spool may hold; above it C-STORE is answered with A700.
    free_bytes
        What stays free on the disk of the spool; below it C-STORE is answered with A700.
    network_seconds
        Longest silence of a peer, and longest time for one PDU.
    read_seconds
        Longest time to read one instance.
    read_attempts
        So often an instance is begun; one that ended its reader each time is a failure.
    read_refusals
        So often the machine may refuse to read an instance, such as for want of a decoder, before it is a failure.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    associations: Annotated[int, Field(ge=1, le=256)] = 8
    pdu_bytes: Annotated[int, Field(ge=4096, le=16 * _MEBI)] = 128 * 1024
    object_bytes: Annotated[int, Field(ge=4096, le=2048 * _MEBI)] = 512 * _MEBI
    storage_bytes: Annotated[int, Field(ge=_MEBI)] = 10 * _GIBI
    free_bytes: Annotated[int, Field(ge=_MEBI)] = _GIBI
    network_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    read_seconds: Annotated[float, Field(gt=0, le=86400)] = 1800
    read_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    read_refusals: Annotated[int, Field(ge=1, le=10000)] = 60


@dataclass(frozen=True, slots=True)
class Retry:
    """When a result that a destination did not take is sent again.

    The pause doubles from ``first_seconds`` to ``longest_seconds``, each cut at random by up to half. A destination
    that answers but refuses a result ``rejections`` times, or has not taken it for ``give_up_hours``, makes it a
    failure.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    first_seconds: Annotated[float, Field(gt=0, le=3600)] = 5
    longest_seconds: Annotated[float, Field(gt=0, le=86400)] = 600
    give_up_hours: Annotated[float, Field(gt=0)] = 168
    rejections: Annotated[int, Field(ge=1, le=1000)] = 5


@dataclass(frozen=True, slots=True)
class Health:
    """Where a supervisor asks; always on the loopback."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    port: OwnPort


@dataclass(frozen=True, slots=True)
class Config:
    """The node's configuration.

    Parameters
    ----------
    ae_title, host, port
        The node's own AE title, and where it listens; the loopback by default.
    calling_ae_titles
        The peers that may call; each other is rejected.
    check_called_ae_title
        Whether a peer must call the node by its title.
    spool
        Folder for the queue, what was received, and results.
    destinations
        Where results go, each to all of them.
    send
        Kinds of results.
    bundle
        Folder of the model bundle; by default the one shipped.
    workers
        Processes that read.
    keep, remember_days
        Which files stay when their instance has ended, and for how many days an instance that has ended is remembered.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    ae_title: AeTitle
    port: OwnPort
    calling_ae_titles: Annotated[tuple[AeTitle, ...], Field(min_length=1, max_length=256)]
    spool: Path
    destinations: Annotated[tuple[Destination, ...], Field(min_length=1, max_length=16)]
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    check_called_ae_title: bool = True
    send: Annotated[tuple[ResultKind, ...], Field(min_length=1)] = (ResultKind.SR, ResultKind.GSPS)
    bundle: Path | None = None
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    keep: Keep = Keep.NOTHING
    remember_days: Annotated[float, Field(gt=0)] = 30
    limits: Limits = field(default_factory=Limits)
    retry: Retry = field(default_factory=Retry)
    tls: Tls | None = None
    health: Health | None = None


def load_config(path: Path) -> Config:
    """Read a node's configuration; paths in it are relative to its folder.

    Raises
    ------
    SettingsError
        If the file is not TOML, or a field is lacking, unknown, or contradicts another.
    """
    try:
        fields = read_toml(path)
    except (OSError, ValueError) as problem:
        raise SettingsError(
            "A node's configuration is a TOML file", found=f"{path.name}: {problem}", remedy="Fix the line or the path"
        ) from problem
    try:
        config = TypeAdapter(Config).validate_python(fields)
    except ValidationError as problem:
        known = field_names(Config, Destination, Tls, Limits, Retry, Health)
        raise _wrong(f"{path.name}, {first_fault(problem, fields, known)}") from problem
    _check(config)
    return _beside(config, path.parent)


def _check(config: Config) -> None:
    titles = [one.ae_title for one in config.destinations]
    if len(set(titles)) < len(titles):
        raise _wrong("destinations: two of one ae_title")
    if config.tls is None and any(one.tls for one in config.destinations):
        raise _wrong("destinations: tls = true without a [tls] that names certificate, key and authority")
    if config.retry.first_seconds > config.retry.longest_seconds:
        raise _wrong("retry: first_seconds above longest_seconds")
    if config.limits.object_bytes > config.limits.storage_bytes:
        raise _wrong("limits: object_bytes above storage_bytes")
    if len(set(config.send)) < len(config.send):
        raise _wrong("send: a kind named twice")


def _beside(config: Config, folder: Path) -> Config:
    """With every path absolute, seen from the folder of the file."""
    base = folder.resolve()
    tls = config.tls
    return replace(
        config,
        spool=base / config.spool,
        bundle=base / config.bundle if config.bundle else None,
        tls=Tls(base / tls.certificate, base / tls.key, base / tls.authority) if tls else None,
    )


def _wrong(found: str) -> SettingsError:
    return SettingsError(
        "A node's configuration gives every field a value that fits the others",
        found=found,
        remedy="Compare with deploy/node.toml and docs/reference/node.md",
    )
