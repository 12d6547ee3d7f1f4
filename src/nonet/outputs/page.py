"""The output ``page``: readings as HTML that needs nothing but itself, no server, no request, no library.

Up to a hundred frames are one page. More are pages of a hundred each below a list of all frames; only pages
whose frames changed are written again.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import nonet
from nonet.anatomy import STRUCTURES
from nonet.files import replacing, replacing_bytes
from nonet.frames.discovery import MARKER
from nonet.outputs.burnt_in import BurntIn
from nonet.outputs.html import Block, data_block, embedded, page_template
from nonet.outputs.loop_page import write_loop_page
from nonet.outputs.output import Entry, State
from nonet.outputs.palette import MARKS
from nonet.outputs.phrases import (
    criterion_text,
    grade_text,
    influence_text,
    measured,
    norms_text,
    own_warnings,
    plane_text,
    printable,
    spacing_text,
    unmeasured,
)
from nonet.outputs.picture.draw import drawn
from nonet.outputs.pixel_output import PixelOutput
from nonet.outputs.thumbnail import MEDIA_TYPE, shrunk, shrunk_image
from nonet.outputs.unchanged import WrittenFiles, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nonet.errors import Failure
    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.loop_result import LoopResult
    from nonet.reading import Finding, Reading

__all__ = ["FRAMES_A_PAGE", "PAGE_NAME", "PageOutput", "write_list", "write_page"]

PAGE_NAME = "index.html"
FRAMES_A_PAGE = 100
"""The most frames of one page: about 8 MB with their pictures."""

_PAGES = "pages"
_THUMBNAILS = "thumbnails"
_STATES = {
    State.GONE: "the file that this was read from is no longer there",
    State.UNREADABLE: "the file that this was read from is another now, and cannot be read",
}
_AHEAD = 8
_LOOP_PAGE = ".loop.html"
_FRAME = re.compile(r"\.frame-[0-9]+$")


class PageOutput(PixelOutput):
    """Writes ``index.html``, and ``pages/0001.html`` and so on where one page would be too large."""

    name = "page"

    def files_of(self, name: str) -> Sequence[Path]:
        """The frame's picture as the page shows it."""
        return (self.folder / MARKER / _THUMBNAILS / f"{name}.webp",)

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Draw the frame with its boxes, small."""
        (target,) = self.files_of(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing_bytes(target) as file:
            file.write(shrunk_image(drawn(result, self.burnt_in)))

    def loop_files_of(self, name: str) -> Sequence[Path]:
        """The page of the loop."""
        return (self.folder / f"{name}{_LOOP_PAGE}",)

    def write_loop(self, name: str, result: LoopResult) -> None:
        """Write the loop's player."""
        (target,) = self.loop_files_of(name)
        write_loop_page(target, result, self.burnt_in)

    def _loops(self, entries: Sequence[Entry]) -> list[str]:
        """The names of the loops that have a page, of these frames."""
        names = dict.fromkeys(_FRAME.sub("", one.name) for one in entries if _FRAME.search(one.name))
        return [name for name in names if self.loop_files_of(name)[0].is_file()]

    def write_folder(self, entries: Sequence[Entry], failures: Sequence[Failure]) -> None:
        """Write the page of all frames, or the list of them and its pages; those that would be the same stay."""
        own = [Entry(one.name, one.reading, self._picture(one), one.state) for one in entries]
        parts = [own[start : start + FRAMES_A_PAGE] for start in range(0, len(own), FRAMES_A_PAGE)]
        single = len(parts) <= 1
        for number, part in enumerate([] if single else parts, start=1):
            links = Links(number, len(parts))
            self._write(links.path(self.folder), part, [], links, [])
        shown = self.burnt_in_of_all([one.name for one in own])
        loops = self._loops(own)
        index, key = self.folder / PAGE_NAME, key_of(self.folder, own, failures, nonet.__version__, shown, *loops)
        self._remove_pages_after(0 if single else len(parts))
        written = WrittenFiles(self.folder)
        if single:
            self._write(index, own, failures, None, loops)
        elif not written.is_current(index, key):
            write_list(index, own, failures, shown, loops)
            written.note(index, key)

    def _write(
        self,
        path: Path,
        entries: Sequence[Entry],
        failures: Sequence[Failure],
        links: Links | None,
        loops: Sequence[str],
    ) -> None:
        shown = self.burnt_in_of_all([one.name for one in entries])
        key = key_of(
            self.folder, entries, failures, nonet.__version__, shown, repr(links.names if links else []), *loops
        )
        written = WrittenFiles(self.folder)
        if not written.is_current(path, key):
            path.parent.mkdir(exist_ok=True)
            write_page(path, entries, failures, links, shown, loops)
            written.note(path, key)

    def _picture(self, entry: Entry) -> Path | bytes | None:
        (thumbnail,) = self.files_of(entry.name)
        return thumbnail if thumbnail.is_file() else entry.picture

    def _remove_pages_after(self, last: int) -> None:
        for path in (self.folder / _PAGES).glob("[0-9]*.html"):
            if path.stem.isdecimal() and int(path.stem) > last:
                path.unlink()


class Links(NamedTuple):
    """Where a page of many stands: its number from 1, and how many there are."""

    number: int
    pages: int

    @property
    def names(self) -> list[tuple[str, str]]:
        """The pages that it links to: address and words."""
        before = [(_page_name(self.number - 1), "previous")] if self.number > 1 else []
        after = [(_page_name(self.number + 1), "next")] if self.number < self.pages else []
        return [(f"../{PAGE_NAME}", "all frames"), *before, *after]

    def path(self, folder: Path) -> Path:
        """Where it lies in an output folder."""
        return folder / _PAGES / _page_name(self.number)


def _page_name(number: int) -> str:
    return f"{number:04d}.html"


def write_list(
    path: Path,
    entries: Sequence[Entry],
    failures: Sequence[Failure] = (),
    burnt_in: BurntIn = BurntIn.KEPT,
    loops: Sequence[str] = (),
) -> None:
    """Write the list of many frames: a row each, without pictures, that links to its place on a page.

    Parameters
    ----------
    path
        The ``.html`` file, beside the folder ``pages``.
    entries
        The frames, in the order in which they are listed.
    failures
        The sources that could not be read.
    burnt_in
        What the pictures of its pages show of burnt-in text.
    loops
        Names of the loops that have a page beside it.
    """
    rows = [_row(place, entry) for place, entry in enumerate(entries)]
    content = {**_shared(failures), "rows": rows, "pages": _PAGES}
    with replacing(path) as page:
        page.write(
            _rendered(
                "list.html",
                "list.js",
                blocks=[data_block("data", content)],
                links=[],
                loops=_loop_links(loops),
                burnt_in=burnt_in.words,
            )
        )


def _row(place: int, entry: Entry) -> list[object]:
    """Name, page, place on it, visible structures as a bit each, plane label and probability, warnings."""
    reading, plane = entry.reading, entry.reading.plane_quality
    page, on_page = divmod(place, FRAMES_A_PAGE)
    seen = sum(1 << number for number, finding in enumerate(reading.findings) if finding.visible)
    warnings = len(_warnings(entry))
    return [printable(entry.name), _page_name(page + 1), on_page, seen, plane.label, plane.probability, warnings]


def write_page(
    path: Path,
    entries: Iterable[Entry],
    failures: Sequence[Failure] = (),
    links: Links | None = None,
    burnt_in: BurntIn = BurntIn.KEPT,
    loops: Sequence[str] = (),
) -> None:
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
    links
        Where the page stands among others, if there are others.
    burnt_in
        What its pictures show of burnt-in text; the page says so.
    loops
        Names of the loops that have a page beside it.
    """
    template, values = page_template("page.html", "page.js")
    with replacing(path) as page:
        page.writelines(
            template.generate(
                values,
                blocks=_blocks(entries, failures),
                links=links.names if links else [],
                loops=_loop_links(loops),
                burnt_in=burnt_in.words,
            )
        )


def _loop_links(loops: Sequence[str]) -> list[tuple[str, str]]:
    """Address and words of the page of each loop."""
    return [(quote(f"{name}{_LOOP_PAGE}", errors="surrogateescape"), printable(name)) for name in loops]


def _rendered(name: str, script_name: str, **values: object) -> str:
    template, shared = page_template(name, script_name)
    return template.render(shared, **values)


def _blocks(entries: Iterable[Entry], failures: Sequence[Failure]) -> Iterator[Block]:
    """The data of the page, one block after the other: a picture for each frame that has one, then all readings."""
    listed: list[dict[str, object]] = []
    for entry, picture in _with_thumbnails(entries):
        if picture is not None:
            yield embedded(f"picture-{len(listed)}", picture)
        listed.append(_listed(entry, has_picture=picture is not None))
    yield data_block("data", _content(listed, failures))


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
    """The picture of a frame, small: as it is if it is so already."""
    picture = entry.picture
    if isinstance(picture, Path) and MARKER in picture.parts:
        return picture.read_bytes()
    return None if picture is None else shrunk(picture)


def _content(listed: list[dict[str, object]], failures: Sequence[Failure]) -> dict[str, object]:
    return {**_shared(failures), "pictures": MEDIA_TYPE, "entries": listed}


def _shared(failures: Sequence[Failure]) -> dict[str, object]:
    """What a page and a list hold both: the structures, and what could not be read."""
    marks = [
        {"key": name.value, "label": name.label, "number": MARKS[name].number, "colour": MARKS[name].colour}
        for name in STRUCTURES
    ]
    failed = [[printable(text) for text in failure.to_dict().values()] for failure in failures]
    return {"structures": marks, "failures": failed}


def _listed(entry: Entry, has_picture: bool) -> dict[str, object]:
    reading = entry.reading
    return {
        "name": printable(entry.name),
        "picture": has_picture,
        "reading": json.loads(reading.to_json()),
        "spacing": spacing_text(reading.spacing),
        "plane": printable(plane_text(reading.plane_quality)),
        "why": _why(reading),
        "warnings": _warnings(entry),
        "findings": {finding.structure.value: _finding(finding) for finding in reading.findings},
    }


def _warnings(entry: Entry) -> list[str]:
    state = [_STATES[entry.state]] if entry.state in _STATES else []
    return [printable(text) for text in (*state, *own_warnings(entry.reading))]


def _why(reading: Reading) -> list[str]:
    plane = reading.plane_quality
    behind = (*map(criterion_text, plane.criteria), *map(influence_text, plane.influences or ()), *norms_text(reading))
    return [printable(text) for text in behind]


def _finding(finding: Finding) -> dict[str, object]:
    sizes = [*measured(finding), *unmeasured(finding)]
    return {
        "measured": [printable(text) for text in sizes],
        "grade": printable(grade_text(finding)),
        "why": [printable(influence_text(one)) for one in finding.grading.influences or ()],
    }
