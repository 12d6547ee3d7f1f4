"""Swin-T has the published size, begins from a folder that the user names, and judges the small trunk's blocks."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from errors_raised import raised
from nonet.errors import TrainingError
from nonet.train.detector.provenance import Provenance
from nonet.train.detector.recipe import load_recipe
from nonet.train.detector.state import TrainingState
from nonet.train.detector.training_frames import TrainingFrames
from nonet.train.trunks import build_trunk
from nonet.train.trunks.swin import _Block, _Merge
from nonet.train.trunks.swin_tiny import SwinTiny

RECIPES = Path(__file__).parents[3] / "recipes"
CLASSIFIER = 768 * 1000 + 1000


@pytest.fixture(scope="module")
def swin() -> Any:
    """The module in transformers; its inner names are those of this version."""
    pytest.importorskip("transformers", "5.23", reason="transformers is in the extra swin")
    from transformers.models import swin

    return swin


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a trunk asked the network")

    monkeypatch.setattr("socket.socket.connect", refuse)


@pytest.mark.usefixtures("swin", "offline")
def test_it_has_the_published_number_of_weights() -> None:
    """28,288,354 with the classifier; transformers adds a normalisation behind every stage."""
    trunk = build_trunk("swin-tiny")
    added = 2 * sum(trunk.channels)
    assert sum(p.numel() for p in trunk.parameters()) - added + CLASSIFIER == 28_288_354


@pytest.mark.usefixtures("swin", "offline")
def test_features_come_at_strides_4_to_32() -> None:
    trunk = build_trunk("swin-tiny").eval()
    with torch.no_grad():
        maps = trunk(torch.rand(1, 3, 64, 96))
    expected = [(1, c, 64 // s, 96 // s) for c, s in zip(trunk.channels, (4, 8, 16, 32), strict=True)]
    assert [tuple(each.shape) for each in maps] == expected


@pytest.mark.usefixtures("offline")
def test_a_folder_gives_its_weights(swin: Any, tmp_path: Path) -> None:
    saved = swin.SwinModel(swin.SwinConfig())
    saved.save_pretrained(tmp_path)
    loaded = dict(SwinTiny.from_folder(tmp_path).backbone.swin.named_parameters())
    assert all(torch.equal(loaded[name], weight) for name, weight in saved.named_parameters() if name in loaded)
    assert len(loaded) > 200


@pytest.mark.usefixtures("offline")
def test_a_recipe_names_the_folder_and_the_bundle_says_so(swin: Any, tmp_path: Path) -> None:
    saved = swin.SwinModel(swin.SwinConfig())
    saved.save_pretrained(tmp_path / "mine")
    recipe, sha = load_recipe(RECIPES / "detector-default.toml")
    recipe = replace(recipe, trunk="swin-tiny", head="dense", start=None, trunk_weights=str(tmp_path / "mine"))
    state = TrainingState.begin(recipe, sha, torch.ones(9, 2))
    weight = "embeddings.patch_embeddings.projection.weight"
    begun = dict(state.network.trunk.backbone.swin.named_parameters())
    assert torch.equal(begun[weight], dict(saved.named_parameters())[weight])
    [entry] = Provenance(recipe, "COCO", TrainingFrames([], [])).warm_start
    digest = hashlib.sha256((tmp_path / "mine" / "model.safetensors").read_bytes()).hexdigest()
    assert entry == {"name": "swin-tiny, mine", "sha256": digest}


def test_another_trunk_takes_no_folder(tmp_path: Path) -> None:
    with raised(TrainingError, found="trunk_weights beside trunk yolo11n"):
        build_trunk("yolo11n", tmp_path)


@pytest.mark.usefixtures("offline")
def test_a_folder_of_another_shape_is_refused(swin: Any, tmp_path: Path) -> None:
    swin.SwinModel(swin.SwinConfig(embed_dim=12, depths=[1, 1, 1, 1])).save_pretrained(tmp_path)
    with pytest.raises(TrainingError, match="other shapes"):
        SwinTiny.from_folder(tmp_path)


@pytest.mark.usefixtures("swin", "offline")
def test_a_name_on_a_hub_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="No such file"):
        SwinTiny.from_folder(tmp_path / "microsoft" / "swin-tiny-patch4-window7-224")


def test_without_transformers_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with raised(TrainingError, found=r"import of transformers halted; None in sys\.m"):
        build_trunk("swin-tiny")


@pytest.mark.parametrize("shifted", [False, True])
def test_the_small_trunks_block_is_that_of_transformers(swin: Any, shifted: bool) -> None:
    """On whole windows: transformers lets tokens attend to padding, as the authors' code does."""
    torch.manual_seed(0)
    config = swin.SwinConfig(attn_implementation="eager", drop_path_rate=0.0)
    theirs = swin.modeling_swin.SwinLayer(config, 12, (14, 21), 3, shift_size=3 * shifted).eval()
    for weight in theirs.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    ours, tokens = _Block(12, 3, shifted=shifted).eval(), torch.rand(2, 14, 21, 12)
    ours.load_state_dict(published(theirs.state_dict()))
    with torch.no_grad():
        expected, _ = theirs(tokens.flatten(1, 2), (14, 21))
        assert ours(tokens).flatten(1, 2).numpy() == pytest.approx(expected.numpy(), abs=1e-5)


def test_the_small_trunks_merge_is_that_of_transformers(swin: Any) -> None:
    torch.manual_seed(0)
    theirs, ours = swin.modeling_swin.SwinPatchMerging(12), _Merge(12, 24)
    ours.norm, ours.reduce = theirs.norm, theirs.reduction
    tokens = torch.rand(2, 8, 6, 12)
    with torch.no_grad():
        expected = theirs(tokens.flatten(1, 2), (8, 6))
        assert ours(tokens).flatten(1, 2).numpy() == pytest.approx(expected.numpy(), abs=1e-5)


def published(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of transformers' layer under this project's names."""
    attention = {kind: [state[f"attention.{part}_proj.{kind}"] for part in "qkv"] for kind in ("weight", "bias")}
    table = next(value for name, value in state.items() if name.endswith("bias_table"))
    own = {f"attention.qkv.{kind}": torch.cat(parts) for kind, parts in attention.items()} | {"attention.bias": table}
    renamed = {
        "layernorm_before": "before_attention",
        "layernorm_after": "before_network",
        "attention.o_proj": "attention.project",
        "mlp.fc1": "network.0",
        "mlp.fc2": "network.2",
    }
    return own | {f"{to}.{kind}": state[f"{name}.{kind}"] for name, to in renamed.items() for kind in attention}
