"""The decoder's side of the conversation: what it answers to each request, and to nonsense."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from dicom_files import us_dataset
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.uid import RLELossless

from nonet.frames.decoder import Reply, Request, read_reply, serve, write_message

PLENTY = 1 << 44
STILL: Request = {"do": "still", "memory": PLENTY}
PAGE: Request = {"do": "page", "index": 0, "pixels": 10_000, "side": 1000}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The decoder sets limits for its process, here that of the tests."""
    pixels = Image.MAX_IMAGE_PIXELS
    if sys.platform == "win32":
        yield
        return
    import resource

    memory = resource.getrlimit(resource.RLIMIT_AS)
    yield
    resource.setrlimit(resource.RLIMIT_AS, memory)
    Image.MAX_IMAGE_PIXELS = pixels


def answers(*requests: tuple[Request, bytes]) -> list[tuple[Reply, bytes]]:
    """The replies to some requests, after which the other side hangs up."""
    sent, received = BytesIO(), BytesIO()
    for request, data in requests:
        write_message(sent, request, data)
    sent.seek(0)
    serve(sent, received)
    received.seek(0)
    replies = []
    while (reply := read_reply(received, 1 << 30)) is not None:
        replies.append(reply)
    assert len(replies) == len(requests)
    return replies


def file(pixels: np.ndarray, form: str = "PNG") -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def array(reply: tuple[Reply, bytes]) -> np.ndarray:
    return np.frombuffer(reply[1], reply[0]["dtype"]).reshape(reply[0]["shape"])


def test_a_still_is_described_then_its_page_given(ramp: np.ndarray) -> None:
    described, page = answers((STILL, file(ramp)), (PAGE, b""))
    assert (described[0]["format"], described[0]["pages"]) == ("PNG", 1)
    np.testing.assert_array_equal(array(page), ramp)


def test_the_next_file_takes_the_place_of_the_last(ramp: np.ndarray, colours: np.ndarray) -> None:
    *_, page = answers((STILL, file(ramp)), (STILL, file(colours, "BMP")), (PAGE, b""))
    np.testing.assert_array_equal(array(page), colours)


def test_a_dicom_frame_is_decoded(ramp: np.ndarray) -> None:
    dataset = us_dataset(ramp)
    dataset.compress(RLELossless, encoding_plugin="pydicom")
    options: dict[str, int | str] = {
        "rows": 48,
        "columns": 64,
        "number_of_frames": 1,
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": 8,
        "bits_stored": 8,
        "pixel_representation": 0,
    }
    request: Request = {"do": "dicom", "memory": PLENTY, "syntax": RLELossless, "options": options}
    (reply,) = answers((request, next(generate_frames(dataset.PixelData, number_of_frames=1))))
    assert reply[0]["photometric"] == "MONOCHROME2"
    np.testing.assert_array_equal(array(reply), ramp)


def test_what_is_no_image_is_reported_without_an_address(ramp: np.ndarray) -> None:
    refusal, page = answers((STILL, b"no image"), (PAGE, b""))
    assert refusal[0] == {"error": "damaged", "detail": "not an image of this form", "bytes": 0}
    assert page[0]["detail"] == "no file is open"
    (cut,) = answers((STILL, file(ramp)[:40]))
    assert cut[0]["error"] == "damaged"


def test_too_many_pixels_are_reported_with_their_size(ramp: np.ndarray) -> None:
    small: Request = {"do": "page", "index": 0, "pixels": 9, "side": 9}
    _, refusal = answers((STILL, file(ramp)), (small, b""))
    assert (refusal[0]["error"], refusal[0]["width"], refusal[0]["height"]) == ("geometry", 64, 48)


def test_an_answer_longer_than_expected_is_not_taken() -> None:
    stream = BytesIO()
    write_message(stream, {"shape": [2, 2]}, b"1234")
    stream.seek(0)
    assert read_reply(stream, 3) is None
    assert read_reply(BytesIO(b"\1\0"), 3) is None
