"""A cached result is used only while its settings, inputs, code and libraries are the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nonet
from nonet.study import cache
from nonet.study.cache import LIBRARIES, Cache, code_hash, import_closure, stage_key

STAGE = "nonet.study.study_features"
DEPENDS_ON = (
    "nonet.study.study_features",
    "nonet.frame",
    "nonet.frames.stills",
    "nonet.bundle.session",
    "nonet.bundle.open_bundle",
    "nonet.features.table",
    "nonet.features.frame_features",
    "nonet.detect.shape_prior",
    "nonet.radiomics.glcm",
    "nonet.deep.embedder",
    "nonet.simulate.edits.restyle",
    "nonet.work.pool",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(Path(nonet.__file__).parent, tmp_path / "nonet", ignore=shutil.ignore_patterns("*.onnx"))
    )


def test_the_closure_holds_what_a_stage_runs_and_not_what_runs_it() -> None:
    closure = import_closure(STAGE)
    assert set(DEPENDS_ON) <= closure
    assert not {"nonet.study.pipeline", "nonet.cli.main", "nonet.outputs.page"} & closure


@pytest.mark.slow
@pytest.mark.parametrize("module", DEPENDS_ON)
def test_a_change_in_any_module_that_a_stage_imports_gives_another_key(module: str, copy: Path) -> None:
    before = code_hash(STAGE, copy)
    file = copy.joinpath(*module.split(".")[1:]).with_suffix(".py")
    file.write_text(file.read_text() + "\n")
    assert code_hash(STAGE, copy) != before


@pytest.mark.slow
def test_a_change_elsewhere_gives_the_same_key(copy: Path) -> None:
    before = code_hash(STAGE, copy)
    (copy / "outputs/page.py").write_text("changed = True\n")
    assert code_hash(STAGE, copy) == before


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_version_of_a_library_gives_another_key(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage_key(STAGE)
    versions = {**cache._library_versions(), library: "0.0.0"}
    monkeypatch.setattr(cache, "_library_versions", lambda: versions)
    assert stage_key(STAGE) != before


def test_other_settings_or_inputs_give_another_key() -> None:
    assert len({stage_key(STAGE), stage_key(STAGE, 1), stage_key(STAGE, [1]), stage_key("nonet.frames", 1)}) == 4


def test_a_result_is_computed_once(tmp_path: Path) -> None:
    calls: list[int] = []
    for _ in range(2):
        assert Cache(tmp_path).json("stage", "k" * 20, lambda: calls.append(1) or {"a": 1}) == {"a": 1}
    assert calls == [1]
