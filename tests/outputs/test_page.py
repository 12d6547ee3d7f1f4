"""The page needs nothing but itself, holds every reading whole, and takes no name for markup."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from example_readings import make_reading, noise
from PIL import Image

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, Structure
from nonet.errors import Failure, NonetError
from nonet.outputs.output import Entry
from nonet.outputs.page import FRAMES_A_PAGE, PageOutput, write_page
from nonet.outputs.picture.draw import draw
from nonet.reading import Grading, Reading

DATA = Path(__file__).parents[2].parent / "shared/data/fetus-framework"
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=//evil.example onerror=alert(1)>&amp;\u202e\udcff.png"
)
FAILURE = Failure(HOSTILE, NonetError("A file is an image", found=HOSTILE, remedy="Send an image"))
WARNING = '</script><b>&lt;\u2028 "quoted" \\'


class Parts(HTMLParser):
    """The scripts, styles and outward-looking attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.policy = ""
        self.links: list[str] = []
        self.handlers: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._open = tag
        if tag == "script":
            self.scripts.append((attributes, ""))
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"] or ""
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset", "data"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data
        if self._open == "style":
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "index.html"
    entries = [
        Entry("a.png", make_reading(), png()),
        Entry(HOSTILE, make_reading(visible=STRUCTURES[:5], warnings=(WARNING,))),
    ]
    write_page(path, entries, [FAILURE])
    return path


def test_the_page_names_no_other_place(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = Parts(text)
    assert parts.links == []
    own = "".join([*parts.styles, *(body for attributes, body in parts.scripts if not attributes)])
    assert not re.search(r"https?:|//\w|@import|url\(|fetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(", own)


def test_the_policy_forbids_every_request_and_foreign_script(page: Path) -> None:
    parts = Parts(page.read_text(encoding="utf-8"))
    directives = dict(part.strip().split(" ", 1) for part in parts.policy.split(";"))
    programs = [body for attributes, body in parts.scripts if not attributes]
    assert directives["default-src"] == "'none'"
    assert directives["img-src"] == "data:"
    assert [fingerprint(body) for body in programs] == [directives["script-src"]]
    assert [fingerprint(body) for body in parts.styles] == [directives["style-src"]]


def test_no_name_becomes_markup(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "owned'</script>" not in text
    parts = Parts(text)
    assert parts.handlers == []
    assert len(parts.scripts) == 3, "one picture, the data, the program"


def test_the_data_parse_back_to_the_readings(page: Path) -> None:
    data = data_of(page)
    readings = [Reading.from_json(json.dumps(entry["reading"])) for entry in data["entries"]]
    assert readings == [make_reading(), make_reading(visible=STRUCTURES[:5], warnings=(WARNING,))]


def test_hostile_names_are_shown_spelt_out(page: Path) -> None:
    data = data_of(page)
    shown = HOSTILE.replace("\u202e", r"\u202e").replace("\udcff", r"\udcff")
    assert data["entries"][1]["name"] == shown
    assert data["entries"][1]["warnings"] == [WARNING.replace("\u2028", r"\u2028")]
    assert data["failures"] == [[shown, "A file is an image", shown, "Send an image"]]


def test_pictures_are_embedded_small(page: Path) -> None:
    parts = Parts(page.read_text(encoding="utf-8"))
    (body,) = [body for attributes, body in parts.scripts if attributes.get("id") == "picture-0"]
    with Image.open(io.BytesIO(base64.b64decode(body))) as image:
        assert (image.format, image.width) == ("WEBP", 1200)
    assert [entry["picture"] for entry in data_of(page)["entries"]] == [True, False]


def test_a_picture_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(png()[:100])
    entries = [Entry("a", make_reading(), tmp_path / "broken.png"), Entry("b", make_reading(), b"no image")]
    write_page(tmp_path / "index.html", entries)
    assert [entry["picture"] for entry in data_of(tmp_path / "index.html")["entries"]] == [False, False]


def test_the_same_entries_give_the_same_bytes(tmp_path: Path, page: Path) -> None:
    first = page.read_bytes()
    page.unlink()
    entries = [
        Entry("a.png", make_reading(), png()),
        Entry(HOSTILE, make_reading(visible=STRUCTURES[:5], warnings=(WARNING,))),
    ]
    write_page(page, iter(entries), [FAILURE])
    assert page.read_bytes() == first


def test_an_empty_batch_is_a_page_too(tmp_path: Path) -> None:
    write_page(tmp_path / "index.html", [])
    assert data_of(tmp_path / "index.html")["entries"] == []


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_three_hundred_real_frames_fit_in_thirty_megabytes(tmp_path: Path) -> None:
    frames = sorted(DATA.rglob("Standard/*.png"))[::150]
    entries = [real_entry(path) for path in frames]
    write_page(tmp_path / "index.html", entries)
    assert (tmp_path / "index.html").stat().st_size / len(entries) * 300 < 30e6


@cache
def png() -> bytes:
    buffer = io.BytesIO()
    draw(noise(width=680, height=490), make_reading()).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def test_a_grade_stands_with_what_it_rests_on(tmp_path: Path) -> None:
    known = {Grade.BORDERLINE: 0.07, Grade.ABNORMAL: 0.93}
    grading = Grading(Grade.ABNORMAL, known, (Grade.ABNORMAL,), basis=GradeBasis.EDITS)
    write_page(tmp_path / "p.html", [Entry("a.png", make_reading(gradings={Structure.PALATE: grading}))])
    (entry,) = data_of(tmp_path / "p.html")["entries"]
    assert entry["findings"]["palate"]["grade"] == "abnormal 0.93 (trained on controlled edits)"
    said = next(one for one in entry["reading"]["findings"] if one["structure"] == "palate")
    assert said["grading"]["basis"] == "trained on controlled edits"


def real_entry(path: Path) -> Entry:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("L"))
    height, width = pixels.shape
    reading = make_reading(width=width, height=height)
    buffer = io.BytesIO()
    draw(pixels, reading).save(buffer, "PNG", compress_level=1)
    return Entry(path.name, reading, buffer.getvalue())


def data_of(page: Path) -> dict[str, list]:
    scripts = Parts(page.read_text(encoding="utf-8")).scripts
    (body,) = [body for attributes, body in scripts if attributes.get("id") == "data"]
    return json.loads(body)


def fingerprint(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def many(count: int, out: Path) -> list[Entry]:
    """Entries whose readings lie in an output folder."""
    reading = make_reading()
    entries = [Entry(f"f/{number}.png", reading) for number in range(count)]
    (out / "f").mkdir(parents=True, exist_ok=True)
    for entry in entries:
        if not (out / f"{entry.name}.json").exists():
            (out / f"{entry.name}.json").write_text(reading.to_json())
    return entries


def test_many_frames_are_pages_of_a_bounded_size_below_a_list(tmp_path: Path) -> None:
    output = PageOutput(tmp_path)
    output.write_folder(many(2 * FRAMES_A_PAGE + 1, tmp_path), [FAILURE])
    pages = sorted((tmp_path / "pages").iterdir())
    assert [page.name for page in pages] == ["0001.html", "0002.html", "0003.html"]
    assert [len(data_of(page)["entries"]) for page in pages] == [FRAMES_A_PAGE, FRAMES_A_PAGE, 1]
    listed = data_of(tmp_path / "index.html")
    assert [row[:3] for row in listed["rows"]][-2:] == [
        [f"f/{2 * FRAMES_A_PAGE - 1}.png", "0002.html", FRAMES_A_PAGE - 1],
        [f"f/{2 * FRAMES_A_PAGE}.png", "0003.html", 0],
    ]
    assert len(listed["failures"]) == 1
    assert 'href="../index.html"' in pages[0].read_text()
    assert (tmp_path / "index.html").stat().st_size < 100_000


def test_only_pages_whose_frames_changed_are_written_again(tmp_path: Path) -> None:
    output = PageOutput(tmp_path)
    output.write_folder(many(2 * FRAMES_A_PAGE, tmp_path), [])
    before = {page.name: page.stat().st_mtime_ns for page in (tmp_path / "pages").iterdir()}
    output.write_folder(many(2 * FRAMES_A_PAGE + 1, tmp_path), [])
    after = {page.name: page.stat().st_mtime_ns for page in (tmp_path / "pages").iterdir()}
    assert after["0001.html"] == before["0001.html"]
    assert after["0002.html"] != before["0002.html"]  # it has a next page now
    output.write_folder(many(FRAMES_A_PAGE, tmp_path), [])
    assert not list((tmp_path / "pages").iterdir())
    assert len(data_of(tmp_path / "index.html")["entries"]) == FRAMES_A_PAGE
