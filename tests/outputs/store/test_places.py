"""A folder and an object store keep one promise: an object is there whole or not, and what refuses is one error."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nonet.errors import EnvironmentFailure, SettingsError
from nonet.outputs.store.places import FolderStore, ObjectStore, Store, open_store


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "s3":
        request.getfixturevalue("s3")
        yield open_store(f"s3://readings/{tmp_path.name}/below")
    else:
        yield open_store(str(tmp_path / "store"))


@pytest.mark.slow
def test_what_is_written_is_read_and_listed(store: Store) -> None:
    assert not store.has("a/b.json")
    assert list(store.paths_in("a")) == []
    store.write("a/b.json", b"{}")
    store.write("a/c d/ü.bin", b"\x00" * 10)
    store.write("a/b.json", b"[]")
    again: Store = pickle.loads(pickle.dumps(store))
    assert again.has("a/b.json") and again.read("a/b.json") == b"[]"
    assert list(again.paths_in("a")) == ["a/b.json", "a/c d/ü.bin"]
    assert not again.has("a")


@pytest.mark.slow
def test_columns_of_a_parquet_object(store: Store) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"one": [1, 2], "two": ["a", "b"]}), sink)
    store.write("part.parquet", bytes(sink.getvalue()))
    assert store.columns("part.parquet", ["two"]).to_pydict() == {"two": ["a", "b"]}


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_one_error(s3: str) -> None:
    with pytest.raises(EnvironmentFailure, match="object store") as caught:
        open_store("s3://no-such-bucket/x").write("a", b"b")
    assert "no-such-bucket" in caught.value.found and s3 in caught.value.found


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "two")
        with pytest.raises(EnvironmentFailure, match="object store"):
            open_store("s3://readings").has("a")


@pytest.mark.parametrize("address", ["s3://", "s3:///x", "gs://bucket/x", "s3://key:word@bucket/x", "s3://b/x?a=b"])
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="s3://BUCKET"):
        open_store(address)


def test_endpoint_and_region_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert open_store("s3://b/p/") == ObjectStore("b", "p", "", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert open_store("s3://b") == ObjectStore("b", "", "http://127.0.0.1:1", "eu-central-1")
    assert open_store("s3://b/p").address == "s3://b/p"
    assert open_store("out") == FolderStore(Path("out"))
