"""A batch of readings as one HTML page that needs nothing but itself: no server, no request, no library."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES
from nonet.files import replacing
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    grade_text,
    influence_text,
    measured,
    plane_text,
    plane_why,
    printable,
    spacing_text,
    unmeasured,
)
from nonet.outputs.thumbnail import MEDIA_TYPE, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.reading import Finding, Reading

__all__ = ["FailedFile", "PageEntry", "write"]

_HERE = "<!-- content -->"
_AHEAD = 8


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One frame of a page: its name, its reading, and its drawn picture as a file or bytes, if there is one."""

    name: str
    reading: Reading
    picture: Path | bytes | None = None


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that was not read: the rule it broke, what was found, what to do."""

    name: str
    rule: str
    found: str
    remedy: str


def write(path: Path, entries: Iterable[PageEntry], failures: Sequence[FailedFile] = ()) -> None:
    """Write the page of a batch.

    Pictures are embedded at 1,200 pixels, about 75 kB each on the page, and decoded by the browser
    only when they come into view. A few pictures are in memory at a time. The page's own policy
    forbids every request and every script and style but its own, and no name or warning can become
    markup. The same entries give the same bytes.

    Parameters
    ----------
    path
        The ``.html`` file; it is replaced only once all is written.
    entries
        What was read, in the order in which it is first shown.
    failures
        What was not read.
    """
    style, script = _asset("page.css"), _asset("page.js")
    shell = _asset("page.html").replace("{{policy}}", _policy(style, script)).replace("{{style}}", style)
    head, tail = shell.split(_HERE)
    with replacing(path) as page:
        page.write(head)
        listed: list[dict[str, object]] = []
        for entry, picture in _with_thumbnails(entries):
            if picture is not None:
                page.write(_embedded(f"picture-{len(listed)}", picture))
            listed.append(_listed(entry, has_picture=picture is not None))
        page.write(_json("data", _content(listed, failures)))
        page.write(tail.replace("{{script}}", script))


def _with_thumbnails(entries: Iterable[PageEntry]) -> Iterator[tuple[PageEntry, bytes | None]]:
    """Each entry with its small picture, in order, while threads make the next few."""
    waiting: deque[tuple[PageEntry, Future[bytes | None]]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for entry in entries:
            waiting.append((entry, threads.submit(_thumbnail, entry)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


def _thumbnail(entry: PageEntry) -> bytes | None:
    return None if entry.picture is None else shrunk(entry.picture)


def _asset(name: str) -> str:
    return files("nonet.outputs").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy (W3C, level 3) that allows this style, this script and data images, nothing else."""
    return (
        f"default-src 'none'; img-src data:; style-src {_fingerprint(style)}; "
        f"script-src {_fingerprint(script)}; base-uri 'none'; form-action 'none'"
    )


def _fingerprint(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _embedded(identifier: str, picture: bytes) -> str:
    data = base64.b64encode(picture).decode()
    return f'<script type="text/plain" id="{identifier}">{data}</script>\n'


def _json(identifier: str, content: dict[str, object]) -> str:
    """A block of data that no text within can end: every ``<``, ``>`` and ``&`` is an escape."""
    text = json.dumps(content, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="{identifier}">{text}</script>\n'


def _content(listed: list[dict[str, object]], failures: Sequence[FailedFile]) -> dict[str, object]:
    marks = [
        {"key": name.value, "label": name.label, "number": MARKS[name].number, "colour": MARKS[name].colour}
        for name in STRUCTURES
    ]
    failed = [[printable(text) for text in (one.name, one.rule, one.found, one.remedy)] for one in failures]
    return {"pictures": MEDIA_TYPE, "structures": marks, "entries": listed, "failures": failed}


def _listed(entry: PageEntry, has_picture: bool) -> dict[str, object]:
    reading = entry.reading
    return {
        "name": printable(entry.name),
        "picture": has_picture,
        "reading": json.loads(reading.to_json()),
        "spacing": spacing_text(reading.spacing),
        "plane": printable(plane_text(reading.plane_quality)),
        "why": _why(reading),
        "warnings": [printable(text) for text in reading.warnings],
        "findings": {finding.structure.value: _said(finding) for finding in reading.findings},
    }


def _why(reading: Reading) -> list[str]:
    plane = reading.plane_quality
    told = [] if plane.probability is None else plane_why(plane)
    return [printable(text) for text in (*told, *map(influence_text, plane.influences or ()))]


def _said(finding: Finding) -> dict[str, object]:
    said = [*measured(finding), *unmeasured(finding)]
    return {
        "measured": [printable(text) for text in said],
        "grade": printable(grade_text(finding)),
        "why": [printable(influence_text(one)) for one in finding.grading.influences or ()],
    }
