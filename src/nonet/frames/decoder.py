"""The decoder process: takes compressed images on stdin, answers with raw samples on stdout.

It is run by its path, isolated (``python -I``), and imports nothing of Nonet, so that it starts fast and holds
only codecs; the folders of their packages are its arguments. What goes wrong in a codec, an endless loop, a
gigabyte, a crash, stays in this process. It first sends `GREETING`. A message is four bytes of length, a JSON
header of that length, then ``header["bytes"]`` bytes.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["GREETING", "Reply", "Request", "read_reply", "serve", "write_message"]

GREETING = b"nonet decoder 1\n"
"""What the process sends before its first answer, so that no other's output is taken for one."""

_JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
_JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
_JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
_PLUGINS = {
    "1.2.840.10008.1.2.5": "pydicom",
    _JPEG_LOSSLESS: "gdcm",
    "1.2.840.10008.1.2.4.70": "gdcm",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
}
_HEADER_CAP = 1 << 16
_STILL_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_CUT_SCAN, _NO_END = "premature end of data segment", "premature end of jpeg file"
_FAULTS = ("corrupt jpeg data", "inconsistent progression")


class Request(TypedDict, total=False):
    """What is asked: ``do`` is ``dicom`` (one frame), ``still`` (open a file) or ``page`` (of that file)."""

    do: str
    bytes: int
    memory: int
    syntax: str
    options: dict[str, int | str]
    index: int
    pixels: int
    side: int


class Reply(TypedDict, total=False):
    """What is answered: an array's description, or ``error`` with one sentence of detail.

    ``warning`` says what libjpeg warns of; ``bits`` are those of a stored sample.
    """

    bytes: int
    shape: list[int]
    dtype: str
    photometric: str
    format: str
    pages: int
    bits: int
    warning: str
    error: str
    detail: str
    width: int
    height: int


class _TooManyPixels(Exception):
    """A page is larger than was allowed."""


def write_message(stream: BinaryIO, header: Request | Reply, data: bytes = b"") -> None:
    """Send a header and the bytes that go with it."""
    packed = json.dumps({**header, "bytes": len(data)}).encode()
    stream.write(len(packed).to_bytes(4, "little") + packed)
    stream.write(data)
    stream.flush()


def read_reply(stream: BinaryIO, cap: int) -> tuple[Reply, bytes] | None:
    """Receive a reply, or None if the other side has gone or answers with more than ``cap`` bytes."""
    header: Reply | None = _read_header(stream)
    if header is None or not 0 <= header["bytes"] <= cap:
        return None
    data = stream.read(header["bytes"])
    return (header, data) if len(data) == header["bytes"] else None


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until the other side hangs up."""
    still: Image.Image | None = None
    while (message := _read_request(requests)) is not None:
        request, data = message
        try:
            if request["do"] == "dicom":
                _reply_array(replies, *_decode_frame(request, data))
            elif request["do"] == "still":
                still, warning = _open_still(request, data)
                write_message(replies, {**_describe(still), "warning": warning})
            else:
                _reply_array(replies, _page(still, request), "")
        except Exception as problem:
            write_message(replies, _explain(problem))


def _read_request(stream: BinaryIO) -> tuple[Request, bytes] | None:
    header: Request | None = _read_header(stream)
    return None if header is None else (header, stream.read(header["bytes"]))


def _read_header(stream: BinaryIO) -> Any:  # noqa: ANN401
    prefix = stream.read(4)
    length = int.from_bytes(prefix, "little")
    return json.loads(stream.read(length)) if len(prefix) == 4 and length <= _HEADER_CAP else None


def _reply_array(stream: BinaryIO, array: NDArray[np.generic], photometric: str, warning: str = "") -> None:
    little = array.dtype.newbyteorder("<")
    write_message(
        stream,
        {"shape": list(array.shape), "dtype": little.str, "photometric": photometric, "warning": warning},
        array.astype(little, copy=False).tobytes(),
    )


def _explain(problem: Exception) -> Reply:
    if isinstance(problem, MemoryError):
        return {"error": "memory"}
    if isinstance(problem, ImportError):
        return {"error": "environment", "detail": f"the package {problem.name or 'of a codec'} that cannot be imported"}
    if isinstance(problem, _TooManyPixels):
        return {"error": "geometry", "width": problem.args[0], "height": problem.args[1]}
    words = " ".join(str(problem).split()) if "object at 0x" not in str(problem) else "not an image of this form"
    return {"error": "damaged", "detail": words[:120].rstrip(". ") or type(problem).__name__}


def _decode_frame(request: Request, data: bytes) -> tuple[NDArray[np.generic], str, str]:
    """Samples of a compressed frame, their colour model, and what libjpeg warns of."""
    import pydicom.pixels.decoders.base  # noqa: F401 - before memory is limited

    _limit_memory(request["memory"])
    syntax = request["syntax"]
    if syntax == _JPEG_BASELINE or (syntax == _JPEG_EXTENDED and request["options"]["bits_stored"] == 8):
        warning = _jpeg_warning(data)
        return *_decode_jpeg(data, str(request["options"]["photometric_interpretation"])), warning
    if syntax == _JPEG_EXTENDED:
        # GDCM's codec takes the precision from the stream; pydicom offers it 12 bits only as lossless.
        syntax = _JPEG_LOSSLESS
    try:
        return *_decode_with(_PLUGINS[syntax], syntax, request, data), ""
    except Exception:
        if _PLUGINS[syntax] != "pyjpegls":
            raise
        return *_decode_with("gdcm", syntax, request, _without_padding(data)), ""


def _decode_with(plugin: str, syntax: str, request: Request, data: bytes) -> tuple[NDArray[np.generic], str]:
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder

    options: dict[str, Any] = {**request["options"], "pixel_keyword": "PixelData", "correct_unused_bits": False}
    array, properties = get_decoder(syntax).as_array(
        encapsulate([data], has_bot=False), index=0, raw=True, decoding_plugin=plugin, **options
    )
    return array, str(properties["photometric_interpretation"])


def _without_padding(data: bytes) -> bytes:
    """A codestream without the zeros that some writers put before its last marker."""
    body = data.rstrip(b"\0").removesuffix(_JPEG_END).rstrip(b"\0")
    return body + (b"\0" if body.endswith(b"\xff") else b"") + _JPEG_END


def _decode_jpeg(data: bytes, photometric: str) -> tuple[NDArray[np.uint8], str]:
    """Components of an 8-bit JPEG as they are stored, and their colour model.

    The stream decides it, by its Adobe or JFIF marker or components named R, G and B; only where it says nothing
    does PhotometricInterpretation.
    """
    import numpy as np
    from PIL import Image

    image = Image.open(io.BytesIO(data + _JPEG_END), formats=("JPEG",))
    if image.mode == "L":
        return np.asarray(image), photometric
    named_rgb = bytes(layer[0] for layer in getattr(image, "layer", ())) == b"RGB"
    if "adobe_transform" in image.info or (named_rgb and "jfif" not in image.info):
        return np.asarray(image.convert("RGB")), "RGB"
    image.draft("YCbCr", image.size)
    is_rgb = photometric == "RGB" and "jfif" not in image.info
    return np.asarray(image), "RGB" if is_rgb else "YBR_FULL"


def _jpeg_warning(data: bytes) -> str:
    """What libjpeg warns of in a JPEG; empty if nothing.

    Raises
    ------
    ValueError
        If the scan ends before the picture does: the rest would be made up.
    """
    import simplejpeg

    try:
        simplejpeg.decode_jpeg(data, colorspace="GRAY", strict=True)
    except ValueError as problem:
        found = str(problem).lower()
        if _CUT_SCAN in found:
            raise ValueError("a JPEG whose scan ends before the picture does") from None
        if _NO_END in found:
            _jpeg_warning(data + _JPEG_END)
            return "the JPEG has no end marker"
        return " ".join(str(problem).split())[:120] if found.startswith(_FAULTS) else ""
    return ""


def _open_still(request: Request, data: bytes) -> tuple[Image.Image, str]:
    import numpy  # noqa: F401
    from PIL import Image

    _limit_memory(request["memory"])
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(io.BytesIO(data), formats=_STILL_FORMATS)
    if not data.startswith(_JPEG_START) or image.width * image.height > request["pixels"]:
        return image, ""
    return Image.open(io.BytesIO(data + _JPEG_END), formats=_STILL_FORMATS), _jpeg_warning(data)


def _describe(image: Image.Image) -> Reply:
    return {"format": str(image.format), "pages": int(getattr(image, "n_frames", 1)), "bits": _stored_bits(image)}


def _stored_bits(image: Image.Image) -> int:
    """Bits of a stored sample: Pillow keeps 8 of a colour image's 16."""
    if image.format == "PNG":
        return 16 if image.mode.startswith("I") or "16" in str(_raw_mode(image)) else 8
    return _sample_bits(image) if image.mode.startswith("I;16") else int(_tiff_tag(image, 258, 8))


def _raw_mode(image: Image.Image) -> object:
    tiles = getattr(image, "tile", None)
    return tiles[0].args if tiles else ""


def _page(image: Image.Image | None, request: Request) -> NDArray[np.uint8]:
    if image is None:
        raise ValueError("no file is open")
    image.seek(request["index"])
    if image.width * image.height > request["pixels"] or max(image.size) > request["side"]:
        raise _TooManyPixels(image.width, image.height)
    return _grey_or_rgb(image)


def _grey_or_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Upright pixels ``uint8[H, W]`` or ``uint8[H, W, 3]``; transparency shows black."""
    import numpy as np
    from PIL import Image, ImageOps

    bits = _sample_bits(image)
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        deep = np.asarray(upright)
        grey = (deep >> (bits - 8)).astype(np.uint8)
        return ~grey if _white_is_zero(image) else grey
    if upright.mode in ("I", "F", "LAB", "HSV"):
        raise ValueError(f"samples of the kind {upright.mode}, which state no range of grey")
    if upright.mode == "La":
        upright = upright.convert("LA")
    if upright.mode in ("PA", "LA", "RGBA", "RGBa") or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", clear.size, (0, 0, 0, 255)), clear)
    return np.asarray(upright.convert("L" if upright.mode in ("1", "L") else "RGB"))


def _sample_bits(image: Image.Image) -> int:
    return int(_tiff_tag(image, 258, 16))


def _white_is_zero(image: Image.Image) -> bool:
    return _tiff_tag(image, 262, 1) == 0


def _tiff_tag(image: Image.Image, tag: int, default: int) -> int:
    tags = getattr(image, "tag_v2", {})
    value = tags.get(tag, default)
    return int(value[0] if isinstance(value, tuple) else value)


def _limit_memory(budget: int) -> None:
    """Let this process grow by ``budget`` bytes from where it is; only Linux can hold it to that."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + budget, hard))


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path.extend(folder for folder in sys.argv[1:] if folder not in sys.path)
    sys.modules["requests"] = None  # type: ignore[assignment]  # as in nonet.telemetry, which this process goes without
    replies.write(GREETING)
    replies.flush()
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    _main()
