"""The nine structures of the mid-sagittal fetal head, their codes, and the words for grades."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CODES", "STRUCTURES", "Code", "Grade", "GradeBasis", "PlaneLabel", "Structure"]


class Structure(StrEnum):
    """A structure that Nonet looks for, in the order in which every table lists them."""

    THALAMI = "thalami"
    MIDBRAIN = "midbrain"
    PALATE = "palate"
    FOURTH_VENTRICLE = "fourth_ventricle"
    CISTERNA_MAGNA = "cisterna_magna"
    NUCHAL_TRANSLUCENCY = "nuchal_translucency"
    NASAL_TIP = "nasal_tip"
    NASAL_SKIN = "nasal_skin"
    NASAL_BONE = "nasal_bone"

    @property
    def label(self) -> str:
        """The name as a person writes it, for example ``nasal bone``."""
        return self.value.replace("_", " ")


STRUCTURES: tuple[Structure, ...] = tuple(Structure)
"""The nine structures in their order; index ``i`` is also the class index of every model."""


class Grade(StrEnum):
    """What a structure looks like.

    ``UNDECIDED`` means that several grades cannot be ruled out; ``NOT_ASSESSED`` always carries its reason.
    """

    NORMAL = "normal"
    BORDERLINE = "borderline"
    ABNORMAL = "abnormal"
    UNDECIDED = "undecided"
    NOT_ASSESSED = "not_assessed"


class GradeBasis(StrEnum):
    """What the grader behind a grade was trained on, in the words that stand beside every grade.

    A grade by a norm has the norm and its source in this place.
    """

    EDITS = "trained on controlled edits"
    SIMULATION = "trained on simulated heads"
    SITE = "site labels"


class PlaneLabel(StrEnum):
    """Whether a frame is a standard mid-sagittal plane of the head."""

    STANDARD = "standard"
    NON_STANDARD = "non-standard"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept as DICOM writes it: value, coding scheme designator, meaning."""

    value: str
    scheme: str
    meaning: str


CODES: dict[Structure, Code] = {
    Structure.THALAMI: Code("42695009", "SCT", "Thalamus"),
    Structure.MIDBRAIN: Code("61962009", "SCT", "Midbrain structure"),
    Structure.PALATE: Code("72914001", "SCT", "Palate"),
    Structure.FOURTH_VENTRICLE: Code("35918002", "SCT", "Fourth ventricle structure"),
    Structure.CISTERNA_MAGNA: Code("54165005", "SCT", "Structure of cisterna magna"),
    Structure.NUCHAL_TRANSLUCENCY: Code("4658004", "SCT", "Skin structure of nuchal region"),
    Structure.NASAL_TIP: Code("79283007", "SCT", "Skin structure of tip of nose"),
    Structure.NASAL_SKIN: Code("113179006", "SCT", "Skin structure of nose"),
    Structure.NASAL_BONE: Code("74386004", "SCT", "Nasal bone structure"),
}
"""SNOMED CT code of each structure's site."""
