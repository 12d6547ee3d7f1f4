"""A real browser shows the page, sorts and filters it, and obeys its policy."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from example_readings import make_reading

from nonet.anatomy import STRUCTURES, Structure
from nonet.errors import Failure, NonetError
from nonet.outputs.output import Entry
from nonet.outputs.page import write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

HOSTILE = "<img src=x onerror=\"document.title='owned'\">.png"
FAILURE = Failure("empty.png", NonetError("A file holds bytes", found="none", remedy="Copy it again"))
NO_BONE = [name for name in STRUCTURES if name is not Structure.NASAL_BONE]
DRIVER = """{
const names = () => [...document.querySelectorAll("#readings .name button")].map((b) => b.textContent).join("|");
const choose = (id, value) => { byId(id).value = value; byId(id).dispatchEvent(new Event("input")); };
const said = {};
said.start = names();
document.querySelector("th[data-key=name] button").click();
said.byName = names();
document.querySelector("th[data-key=name] button").click();
said.byNameDown = names();
document.querySelector("th[data-key=nasal_bone] button").click();
said.byBone = names();
choose("structure", "nasal_bone"); choose("state", "hidden");
said.withoutBone = names();
choose("structure", "all"); choose("warning", "some");
said.warned = names();
choose("warning", "none"); choose("search", "10");
said.found = names();
document.querySelector(".name button").click();
said.expanded = document.querySelector(".name button").getAttribute("aria-expanded");
said.rows = document.querySelectorAll(".detail tbody tr").length;
for (const [key, value] of Object.entries(said)) document.documentElement.setAttribute(`data-${key}`, value);
}"""


class Root(HTMLParser):
    """The attributes of the page's root element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.attributes = dict(attrs)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    entries = [
        Entry("10.png", make_reading()),
        Entry("2.png", make_reading(visible=NO_BONE, warnings=("Dark",))),
        Entry(HOSTILE, make_reading()),
    ]
    write_page(path, entries, [FAILURE])
    return path


@pytest.fixture(scope="module")
def shown(page: Path) -> str:
    """What a browser makes of the page after someone has put a script of their own at its end."""
    path = page.with_name("injected.html")
    path.write_text(page.read_text().replace("</body>", "<script>document.title = 'owned'</script></body>"))
    return shown_by_browser(path)


def test_it_shows_every_frame_and_every_failure(shown: str) -> None:
    assert shown.count('class="name beside"') == 3
    assert "3 of 3 frames shown" in shown
    assert "A file holds bytes" in shown


def test_a_hostile_name_is_shown_as_text(shown: str) -> None:
    assert "<img src=" not in re.sub(r"<script.*?</script>", "", shown, flags=re.DOTALL)


def test_a_foreign_script_does_not_run(shown: str) -> None:
    assert "<title>Nonet readings</title>" in shown


def test_it_sorts_and_filters(page: Path, tmp_path: Path) -> None:
    """The driver is foreign, so this copy of the page has no policy."""
    path = tmp_path / "driven.html"
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    path.write_text(text.replace("</body>", f"<script>{DRIVER}</script></body>"))
    said = Root(shown_by_browser(path)).attributes
    assert said["data-start"] == f"10.png|2.png|{HOSTILE}"
    assert said["data-byname"] == f"{HOSTILE}|2.png|10.png"
    assert said["data-bynamedown"] == f"10.png|2.png|{HOSTILE}"
    assert said["data-bybone"] == f"10.png|{HOSTILE}|2.png", "the frame without a nasal bone comes last"
    assert said["data-withoutbone"] == "2.png"
    assert said["data-warned"] == "2.png"
    assert said["data-found"] == "10.png"
    assert said["data-expanded"] == "true"
    assert said["data-rows"] == "9"


def shown_by_browser(page: Path) -> str:
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
    run = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return run.stdout
