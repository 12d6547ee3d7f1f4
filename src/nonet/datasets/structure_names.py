"""The names that data sets give the nine structures, and the structure each one means."""

from __future__ import annotations

import re

from nonet.anatomy import CODES, STRUCTURES, Structure

__all__ = ["structure_of"]

_ALIASES = {
    "it": Structure.FOURTH_VENTRICLE,
    "intracranialtranslucency": Structure.FOURTH_VENTRICLE,
    "cm": Structure.CISTERNA_MAGNA,
    "nt": Structure.NUCHAL_TRANSLUCENCY,
    "thalamus": Structure.THALAMI,
    "4thventricle": Structure.FOURTH_VENTRICLE,
    "nuchalregion": Structure.NUCHAL_TRANSLUCENCY,
    "tipofnose": Structure.NASAL_TIP,
    "skinofnose": Structure.NASAL_SKIN,
}


def structure_of(label: str) -> Structure | None:
    """The structure that a label means, or None if it means none of the nine.

    Case, spaces, hyphens and underscores do not matter. Known are Nonet's keys, the labels of the
    Fetus Framework data set (``IT`` is the intracranial translucency, which is the fourth
    ventricle; ``CM`` and ``NT``), and the meanings of the SNOMED CT codes.
    """
    return _BY_KEY.get(_key(label))


def _key(label: str) -> str:
    return re.sub(r"[\s_\-]+", "", label).casefold()


_BY_KEY = (
    {_key(CODES[structure].meaning): structure for structure in STRUCTURES}
    | {_key(structure.value): structure for structure in STRUCTURES}
    | _ALIASES
)
