"""The address of a study, a series or an instance on a DICOMweb server, as it is given on the command line.

``dicomweb://HOST[:PORT][/ROOT]/studies/UID[/series/UID[/instances/UID]]``: HTTPS, and HTTP where the host is this
machine. ``dicomweb+http://`` and ``dicomweb+https://`` say which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from nonet.errors import SettingsError

__all__ = ["DicomWebAddress", "is_address", "is_uid"]

_SCHEMES = ("dicomweb", "dicomweb+http", "dicomweb+https")
_UID = r"(?=[0-9.]{1,64}(?![0-9.]))[0-9]+(?:\.[0-9]+)*"
_PATH = re.compile(rf"(?P<root>(?:/[\w.~-]+)*)/studies/({_UID})(?:/series/({_UID})(?:/instances/({_UID}))?)?/?")
_FORM = "dicomweb://HOST[:PORT][/ROOT]/studies/UID[/series/UID[/instances/UID]]"


def is_address(text: str) -> bool:
    """Whether an argument is an address and not a path."""
    return text.partition("://")[0].lower() in _SCHEMES and "://" in text


def is_uid(text: object) -> bool:
    """Whether a value may stand for a UID in an address or a file name (PS3.5, section 9.1)."""
    return isinstance(text, str) and re.fullmatch(_UID, text) is not None


@dataclass(frozen=True, slots=True)
class DicomWebAddress:
    """What to read, and where: ``base_url`` is the root of the services; ``series`` and ``instance`` may be empty."""

    base_url: str
    peer: str
    study: str
    series: str = ""
    instance: str = ""
    is_here: bool = False

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent is encrypted."""
        return self.base_url.startswith("https:")

    @classmethod
    def parse(cls, text: str) -> DicomWebAddress:
        """An address from its text.

        Raises
        ------
        SettingsError
            If it is not one, or holds a user, a password, a query or a fragment. The message does not repeat it.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _not_an_address("a host or port that is none") from None
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                "An address holds no user and no password, which would end in logs",
                found="both or one of them before @",
                remedy="Name a file or a variable that holds them with --credentials",
            )
        path = _PATH.fullmatch(parts.path)
        if not host or parts.query or parts.fragment or path is None:
            raise _not_an_address("another form")
        here = _is_loopback(host)
        scheme = parts.scheme.removeprefix("dicomweb").removeprefix("+") or ("http" if here else "https")
        peer = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
        study, series, instance = path[2], path[3] or "", path[4] or ""
        return cls(f"{scheme}://{peer}{path['root']}", peer, study, series, instance, here)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _not_an_address(found: str) -> SettingsError:
    return SettingsError(f"An address is {_FORM}", found=found, remedy="Write it so, with UIDs of digits and dots")
