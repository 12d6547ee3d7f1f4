"""A frame that a model has seen is not described by it as if it were new."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from errors_raised import raised
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.frames_seen import FRAMES_SEEN, difference_hashes_seen
from nonet.errors import BundleError, LeakError
from nonet.evaluate import Use, refuse_seen

SEEN = {"a" * 64: Use.TRAINED, "b" * 64: Use.CHOSEN_BY}


def test_frames_that_were_not_seen_pass() -> None:
    refuse_seen({"1.png": "c" * 64, "2.png": "d" * 64}, SEEN)
    refuse_seen({}, SEEN)


@pytest.mark.parametrize("sha", SEEN, ids=lambda sha: SEEN[sha])
def test_a_frame_that_was_seen_is_refused_by_name_whatever_it_was_used_for(sha: str) -> None:
    with raised(LeakError, found=r"1 of 2 frames were seen, planted\.png among them"):
        refuse_seen({"1.png": "c" * 64, "planted.png": sha}, SEEN)


@pytest.mark.parametrize("near", ["zz" * 32, "ab" * 31, "abc"])
def test_a_difference_hash_of_another_form_is_refused(tmp_path: Path, near: str) -> None:
    shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle")
    listed = tmp_path / "bundle" / FRAMES_SEEN
    listed.write_text(f"pixels_sha256,use,difference_hash\n{'00' * 32},trained,{near}\n")
    manifest = json.loads((tmp_path / "bundle/manifest.json").read_text())
    manifest["files"][FRAMES_SEEN] = hashlib.sha256(listed.read_bytes()).hexdigest()
    (tmp_path / "bundle/manifest.json").write_text(json.dumps(manifest))
    with raised(BundleError, found="ValueError"):
        difference_hashes_seen(Bundle(tmp_path / "bundle"))
