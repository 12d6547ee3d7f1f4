"""An embedder that more than one test of this room runs."""

from pathlib import Path

import pytest
from embedder_bundles import EMBEDDER, write_with

from nonet.train.embedder.export import export_embedder
from nonet.train.embedder.network import build_network


@pytest.fixture(scope="session")
def model() -> bytes:
    return export_embedder(build_network("efficientnet-lite0"), EMBEDDER.input_width, EMBEDDER.input_height)


@pytest.fixture
def bundle_folder(model: bytes, tmp_path: Path) -> Path:
    return write_with(model, tmp_path / "bundle", seen=())
