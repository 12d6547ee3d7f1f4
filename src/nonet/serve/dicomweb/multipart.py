"""The one part of a multipart answer, written to a file as it comes (PS3.18, section 8.7.1; RFC 2387)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

__all__ = ["write_first_part"]

_HEADER_END = b"\r\n\r\n"
_HEADER_CAP = 8192
_BOUNDARY = re.compile(r'boundary="?([^";\s]{1,200})"?', re.IGNORECASE)


def write_first_part(content_type: str, pieces: Iterable[bytes], file: BinaryIO) -> None:
    """Write the content of the first part of an answer; one that is no multipart is written as it is.

    Parameters
    ----------
    content_type
        The header of the answer.
    pieces
        Its body, cut anywhere.
    file
        Takes the part's content, no more than a piece at a time.

    Raises
    ------
    ValueError
        If the body does not have the form that the header announces.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dicom":
        file.writelines(pieces)
        return
    boundary = _BOUNDARY.search(content_type)
    if kind != "multipart/related" or boundary is None:
        raise ValueError("an answer that is no multipart")
    content = _after_header(iter(pieces), b"--" + boundary[1].encode("latin-1"))
    _write_until(b"\r\n--" + boundary[1].encode("latin-1"), content, file)


def _after_header(pieces: Iterator[bytes], marker: bytes) -> Iterator[bytes]:
    """What follows the header of the first part."""
    head = b""
    for piece in pieces:
        head += piece
        start = head.find(marker)
        end = head.find(_HEADER_END, start) if start >= 0 else -1
        if end >= 0:
            yield head[end + len(_HEADER_END) :]
            yield from pieces
            return
        if len(head) > _HEADER_CAP:
            break
    raise ValueError("a part without a header")


def _write_until(delimiter: bytes, pieces: Iterator[bytes], file: BinaryIO) -> None:
    kept = b""
    for piece in pieces:
        kept += piece
        if (end := kept.find(delimiter)) >= 0:
            file.write(kept[:end])
            return
        cut = max(0, len(kept) - len(delimiter))
        file.write(kept[:cut])
        kept = kept[cut:]
    raise ValueError("a part without an end")
