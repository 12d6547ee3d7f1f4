"""A bundle opens only if it is whole and unaltered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.errors import BundleError


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def change(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **values}))


def test_the_shipped_bundle_says_what_it_is() -> None:
    manifest = Bundle().manifest
    assert manifest.structures == STRUCTURES
    assert set(manifest.detector.operating_points) == set(STRUCTURES)
    assert all(0 < point < 1 for point in manifest.detector.operating_points.values())
    assert any("CC BY 4.0" in str(source) for source in manifest.trained_on)
    assert any("Apache-2.0" in str(source) for source in manifest.warm_start)


def test_the_shipped_bundle_is_small_enough() -> None:
    assert sum(path.stat().st_size for path in DEFAULT_BUNDLE.iterdir()) <= 60 << 20


def test_the_shipped_bundle_holds_nothing_that_its_manifest_does_not_list() -> None:
    assert {path.name for path in DEFAULT_BUNDLE.iterdir()} == {"manifest.json", *Bundle().manifest.files}


def test_an_altered_file_is_refused_by_name(copy: Path) -> None:
    with (copy / "detector.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with pytest.raises(BundleError, match=r"detector\.onnx has sha256"):
        Bundle(copy)


def test_a_missing_file_is_refused_by_name(copy: Path) -> None:
    (copy / "MODEL_CARD.md").unlink()
    with pytest.raises(BundleError, match=r"MODEL_CARD\.md"):
        Bundle(copy)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json"):
        Bundle(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\0" * 10])
def test_a_manifest_of_another_form_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match="format 1"):
        Bundle(copy)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "sub/file"])
def test_a_manifest_cannot_reach_out_of_its_folder(copy: Path, name: str) -> None:
    change(copy, files={name: "0" * 64})
    with pytest.raises(BundleError, match="no file"):
        Bundle(copy)


def test_a_detector_that_the_manifest_does_not_list_is_not_run(copy: Path) -> None:
    files = json.loads((copy / "manifest.json").read_text())["files"]
    del files["detector.onnx"]
    change(copy, files=files)
    with pytest.raises(BundleError, match="not among"):
        Bundle(copy).file("detector.onnx")


def test_a_huge_manifest_is_not_read(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b" " * (2 << 20))
    with pytest.raises(BundleError, match="at most"):
        Bundle(copy)


def test_a_changed_word_changes_the_bundles_hash(copy: Path) -> None:
    before = Bundle(copy).reference
    change(copy, version="another")
    assert Bundle(copy).reference.sha256 != before.sha256
