"""How much of a text that is drawn on a screen is left after `nonet deidentify`, and what it costs.

Run ``python benchmarks/deidentify.py``. A name is drawn across the image of simulated frames on nine screens, in three
grey levels and two sizes, each file is de-identified, and the drawn pixels that are left are counted. It writes
``benchmarks/results/deidentify.json``.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont

from nonet.deidentify import Dates, Key, Options
from nonet.deidentify.clean_file import clean_file
from nonet.simulate import simulate
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.dicom_export import write_still

RESULT = Path(__file__).parent / "results/deidentify.json"
TEXT = "PLANTED^ANNA 1987-03-14 ST MARY"
LEVELS, SIZES, SEEDS = (255, 190, 120), (12, 18), (7, 8)
SEEN = 12
"""Grey levels by which a drawn pixel must differ from what was there to count."""


def main() -> None:
    """Draw, de-identify, count."""
    left: dict[int, list[float]] = {level: [] for level in LEVELS}
    outside, blanked, seconds, warned = [], [], [], dict.fromkeys(LEVELS, 0)
    with tempfile.TemporaryDirectory() as place:
        for device in STUDY_DEVICES:
            for seed in SEEDS:
                plain = simulate(seed, device=device)
                write_still(Path(place) / "in.dcm", plain, seed)
                for level in (None, *LEVELS):
                    for size in SIZES if level else (12,):
                        drawn = _drawn(plain.pixels, level, size) if level else plain.pixels
                        after, report, took = _cleaned(Path(place), drawn)
                        seconds.append(took)
                        outside.append(_outside(Path(place), after))
                        if level is None:
                            blanked.append(report.blanked_overlay)
                            continue
                        text = np.abs(drawn.astype(int) - plain.pixels) >= SEEN
                        left[level].append(float((text & (after == drawn)).sum() / text.sum()))
                        warned[level] += report.text_like_marks > 0
    result = {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "files": len(seconds),
        "least_difference_seen": SEEN,
        "pixels_left_outside_regions": int(sum(outside)),
        "share_left_inside": {
            str(level): {"mean": round(float(np.mean(v)), 4), "worst": round(max(v), 4), "warned": warned[level]}
            for level, v in left.items()
        },
        "share_of_image_blanked_without_text": round(float(np.mean(blanked)), 4),
        "median_seconds_a_still": round(float(np.median(seconds)), 3),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _drawn(pixels: np.ndarray, level: int, size: int) -> np.ndarray:
    image = Image.fromarray(pixels)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for share in (0.3, 0.5, 0.7):
        pen.text((pixels.shape[1] * 0.25, pixels.shape[0] * share), TEXT, fill=level, font=font)
    return np.asarray(image)


def _cleaned(place: Path, pixels: np.ndarray) -> tuple[np.ndarray, object, float]:
    dataset = pydicom.dcmread(place / "in.dcm")
    dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    dataset.save_as(place / "drawn.dcm")
    with tempfile.TemporaryDirectory(dir=place) as out:
        start = time.perf_counter()
        report = clean_file(
            place / "drawn.dcm", 1, Path(out), Options(Key.random(), Dates.REMOVE), lambda caption, picture: None
        )
        took = time.perf_counter() - start
        return pydicom.dcmread(Path(out) / report.output).pixel_array, report, took


def _outside(place: Path, after: np.ndarray) -> int:
    """Pixels outside the calibrated region that are not black."""
    region = pydicom.dcmread(place / "in.dcm").SequenceOfUltrasoundRegions[0]
    mask = np.ones(after.shape, bool)
    mask[region.RegionLocationMinY0 : region.RegionLocationMaxY1 + 1] = False
    return int((after[mask] > 0).sum())


if __name__ == "__main__":
    main()
