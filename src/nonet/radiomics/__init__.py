"""Radiomics: a box becomes 215 numbers, defined by the Image Biomarker Standardisation Initiative (IBSI).

One file per IBSI family measures a region once and reads its features off that measurement.
"""

from nonet.radiomics.definition import Column
from nonet.radiomics.extract import FAMILIES, Features, columns, extract, extract_many
from nonet.radiomics.measurement import RadiomicMeasurement
from nonet.radiomics.settings import Aggregation, FixedBinNumber, FixedBinSize, Settings
from nonet.radiomics.undefined import Undefined

__all__ = [
    "FAMILIES",
    "Aggregation",
    "Column",
    "Features",
    "FixedBinNumber",
    "FixedBinSize",
    "RadiomicMeasurement",
    "Settings",
    "Undefined",
    "columns",
    "extract",
    "extract_many",
]
