"""The output ``page``: readings as one HTML page that needs nothing but itself, no server, no request, no library."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader

from nonet.anatomy import STRUCTURES
from nonet.files import replacing
from nonet.outputs.output import Output
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    grade_text,
    influence_text,
    measured,
    own_warnings,
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

    from nonet.errors import Failure
    from nonet.outputs.output import Entry
    from nonet.reading import Finding, Reading

__all__ = ["PAGE_NAME", "PageOutput", "write_page"]

PAGE_NAME = "index.html"
_GONE = "the file that this was read from is no longer there"
_AHEAD = 8


class _Block(NamedTuple):
    """A script of data in the page; its text holds no markup."""

    id: str
    type: str
    text: str


class PageOutput(Output):
    """Writes ``index.html``."""

    name = "page"

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write the page of all frames."""
        write_page(self.folder / PAGE_NAME, entries, failures)


def write_page(path: Path, entries: Iterable[Entry], failures: Sequence[Failure] = ()) -> None:
    """Write a page of readings.

    Pictures are embedded at 1,200 pixels, about 75 kB each on the page, and decoded by the browser
    only when they come into view. A few pictures are in memory at a time. The page's own policy
    forbids every request and every script and style but its own, and no name or warning can become
    markup. The same entries give the same bytes.

    Parameters
    ----------
    path
        The ``.html`` file; it is replaced only once all is written.
    entries
        The frames, in the order in which they are first shown.
    failures
        The sources that could not be read.
    """
    style, script = _asset("page.css"), _asset("page.js")
    template = Environment(loader=PackageLoader("nonet.outputs", "."), autoescape=True).get_template("page.html")
    values = {"policy": _policy(style, script), "style": style, "script": script}
    with replacing(path) as page:
        page.writelines(template.generate(values, blocks=_blocks(entries, failures)))


def _blocks(entries: Iterable[Entry], failures: Sequence[Failure]) -> Iterator[_Block]:
    """The data of the page, one block after the other: a picture for each frame that has one, then all readings."""
    listed: list[dict[str, object]] = []
    for entry, picture in _with_thumbnails(entries):
        if picture is not None:
            yield _embedded(f"picture-{len(listed)}", picture)
        listed.append(_listed(entry, has_picture=picture is not None))
    yield _json("data", _content(listed, failures))


def _with_thumbnails(entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
    """Each entry with its small picture, in order, while threads make the next few."""
    waiting: deque[tuple[Entry, Future[bytes | None]]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for entry in entries:
            waiting.append((entry, threads.submit(_thumbnail, entry)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


def _thumbnail(entry: Entry) -> bytes | None:
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


def _embedded(identifier: str, picture: bytes) -> _Block:
    return _Block(identifier, "text/plain", base64.b64encode(picture).decode())


def _json(identifier: str, content: dict[str, object]) -> _Block:
    """A block of data that no text within can end: every ``<``, ``>`` and ``&`` is an escape."""
    text = json.dumps(content, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _Block(identifier, "application/json", text)


def _content(listed: list[dict[str, object]], failures: Sequence[Failure]) -> dict[str, object]:
    marks = [
        {"key": name.value, "label": name.label, "number": MARKS[name].number, "colour": MARKS[name].colour}
        for name in STRUCTURES
    ]
    failed = [[printable(text) for text in failure.to_dict().values()] for failure in failures]
    return {"pictures": MEDIA_TYPE, "structures": marks, "entries": listed, "failures": failed}


def _listed(entry: Entry, has_picture: bool) -> dict[str, object]:
    reading = entry.reading
    return {
        "name": printable(entry.name),
        "picture": has_picture,
        "reading": json.loads(reading.to_json()),
        "spacing": spacing_text(reading.spacing),
        "plane": printable(plane_text(reading.plane_quality)),
        "why": _why(reading),
        "warnings": [printable(text) for text in ([_GONE] if entry.gone else []) + own_warnings(reading)],
        "findings": {finding.structure.value: _finding(finding) for finding in reading.findings},
    }


def _why(reading: Reading) -> list[str]:
    plane = reading.plane_quality
    against = [] if plane.probability is None else plane_why(plane)
    return [printable(text) for text in (*against, *map(influence_text, plane.influences or ()))]


def _finding(finding: Finding) -> dict[str, object]:
    sizes = [*measured(finding), *unmeasured(finding)]
    return {
        "measured": [printable(text) for text in sizes],
        "grade": printable(grade_text(finding)),
        "why": [printable(influence_text(one)) for one in finding.grading.influences or ()],
    }
