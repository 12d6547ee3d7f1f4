"""Radiomics: a box becomes 215 numbers, defined by the Image Biomarker Standardisation Initiative (IBSI).

One file per IBSI family measures a region once and reads its features off that measurement.
"""

from nonet.radiomics.definition import FeatureColumn
from nonet.radiomics.extract import FAMILIES, Features, columns, extract, extract_many
from nonet.radiomics.radiomics_settings import Aggregation, FixedBinNumber, FixedBinSize, RadiomicsSettings
from nonet.radiomics.undefined import Undefined

__all__ = [
    "FAMILIES",
    "Aggregation",
    "FeatureColumn",
    "Features",
    "FixedBinNumber",
    "FixedBinSize",
    "RadiomicsSettings",
    "Undefined",
    "columns",
    "extract",
    "extract_many",
]
