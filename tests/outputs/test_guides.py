"""The Python in the guides runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from example_readings import make_reading, noise
from PIL import Image

from nonet.outputs.csv_table import COLUMNS

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("how-to/look-at-readings.md", "reference/reading.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_python_blocks_run(
    guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/0.png.json").write_text(make_reading().to_json(), encoding="utf-8")
    (tmp_path / "examples").mkdir()
    Image.fromarray(noise(width=680, height=490)).save(tmp_path / "examples/0.png")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / guide).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})
        assert "0.png" in capsys.readouterr().out


def test_every_column_of_the_csv_is_described() -> None:
    described = (DOCS / "how-to/look-at-readings.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in described] == []
