"""Every code that a DICOM result uses, as data; the sites of the nine structures are in `nonet.anatomy.CODES`.

Codes of DCM, SCT, LN and UCUM are those of PS3.16; a test checks value, scheme and meaning against pydicom's
dictionary. What no published scheme has a code for is in the private scheme ``99NONET``.
"""

from __future__ import annotations

from nonet.anatomy import Code, Grade, GradeBasis, PlaneLabel, Structure
from nonet.frame import SpacingSource
from nonet.reading import Criterion, Face

__all__ = [
    "EXTENSIONS",
    "GRADE_CODES",
    "MEASUREMENT_CODES",
    "OWN_MEASUREMENT_CODES",
    "PRIVATE_SCHEME",
    "UNIT_CODES",
    "all_codes",
    "measurement_code",
    "measurement_names",
]

PRIVATE_SCHEME = "99NONET"
"""Designator of the private coding scheme (PS3.16, section 8.2: private schemes begin with 99)."""
PLANAR_TEMPLATE, GROUP_TEMPLATE = "1410", "1501"
"""Templates of a structure with a region, and of every other group (PS3.16, annex A)."""


def _private(value: str, meaning: str) -> Code:
    return Code(value, PRIVATE_SCHEME, meaning)


IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
OBSTETRIC_ULTRASOUND = Code("11525-3", "LN", "Ultrasound Obstetric and Gyn Report")
IMAGING_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
DEVICE = Code("121007", "DCM", "Device")
FETUS = Code("121026", "DCM", "Fetus")
TRACKING_IDENTIFIER = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING = Code("121071", "DCM", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
NOT_VISUALIZED = Code("122288", "DCM", "Not visualized")
IMAGE_REGION = Code("111030", "DCM", "Image Region")
GEOMETRIC_PURPOSE = Code("130400", "DCM", "Geometric purpose of region")
BOUNDED_BY = Code("75958009", "SCT", "Bounded by")
SOURCE = Code("260753009", "SCT", "Source")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
ALGORITHM_PARAMETERS = Code("111002", "DCM", "Algorithm Parameters")
ALGORITHM_MANUFACTURER = Code("122405", "DCM", "Algorithm Manufacturer")
PROBABILITY = Code("122157", "DCM", "Probability")
NORMALITY = Code("121402", "DCM", "Normality")
COMMENT = Code("121106", "DCM", "Comment")
LATERALITY = Code("272741003", "SCT", "Laterality")
PERCENTILE = Code("121415", "DCM", "Percentile Ranking of measurement")
Z_SCORE = Code("121416", "DCM", "Z-Score of measurement")
POPULATION = Code("121405", "DCM", "Population description")
NORM_AUTHORITY = Code("121408", "DCM", "Normal Range Authority")
POPULATION_MEAN = Code("373098007", "SCT", "Mean Value of population")
CROWN_RUMP_LENGTH = Code("11957-8", "LN", "Crown Rump Length")
GESTATIONAL_AGE = Code("18185-9", "LN", "Gestational Age")
UPPER_UNCERTAINTY = Code("371886008", "SCT", "+, range of upper measurement uncertainty")
LOWER_UNCERTAINTY = Code("371885007", "SCT", "-, range of lower measurement uncertainty")
HORIZONTAL_SPACING = Code("111026", "DCM", "Horizontal Pixel Spacing")
VERTICAL_SPACING = Code("111066", "DCM", "Vertical Pixel Spacing")
NUCHAL_TRANSLUCENCY = Code("33069-6", "LN", "Nuchal Translucency")
CISTERNA_MAGNA = Code("11860-4", "LN", "Cisterna Magna Length")
YES = Code("373066001", "SCT", "Yes")
NO = Code("373067005", "SCT", "No")

SCORE = _private("score", "Score of the detector")
OPERATING_POINT = _private("operating_point", "Score from which a structure counts as visible")
EDGE_BANDS = tuple(
    _private(f"edge_band_{edge}", f"Half-width of the 90 % band about the {name} edge, pixels")
    for edge, name in (("x1", "left"), ("y1", "upper"), ("x2", "right"), ("y2", "lower"))
)
BOX_WIDTH = _private("box_width", "Width of the box")
BOX_HEIGHT = _private("box_height", "Height of the box")
FOURTH_VENTRICLE = _private("fourth_ventr_ap", "Antero-posterior diameter of the fourth ventricle")
NASAL_BONE_LENGTH = _private("nasal_bone_len", "Length of the nasal bone")
NASAL_BONE_ECHO = _private("nasal_bone_echo", "Grey of the nasal bone over that of the skin")
PALATE_LENGTH = _private("palate_len", "Length of the palate's line")
MAXILLARY_GAP = _private("maxillary_gap", "Longest interruption of the palate's line")
MIDBRAIN_EXTENT = _private("midbrain_extent", "Height of the echo-poor midbrain")
SKIN_THICKNESS = _private("skin_thick", "Front end of the nasal bone to the outer border of the skin")
UNIT = _private("unit", "Unit of the measurement")
NORM = _private("norm", "Norm that the measurement is held against")
BOUND = _private("bound", "Side of the outermost published centile")
SPACING_SOURCE = _private("spacing_source", "Source of the pixel size")
SPACING_ERROR = _private("spacing_error", "Standard error of the pixel size, as a share")
CONFORMAL_SET = _private("conformal_set", "Not ruled out by conformal prediction")
NOT_ASSESSED = _private("not_assessed", "Not assessed")
GRADE_BASIS = _private("grade_basis", "What the grade rests on")
OPPOSED_BY = _private("opposed_by", "Norm by which the grade is the opposite")
GRADE_PROBABILITY = _private("grade_prob", "Probability of a grade")
NO_SUCH_PLANE = _private("no_plane_label", "No plane label")
SAGITTAL_PLANE = _private("sagittal_plane", "Mid-sagittal plane of the fetal head")
PLANE_LABEL = _private("plane_label", "Label of the plane")
MISSING = _private("missing", "Structure not visible")
MISPLACED = _private("misplaced", "Structure out of place")
CRITERION_VALUE = _private("criterion_value", "Value of the criterion")
CRITERION_LIMIT = _private("criterion_limit", "Limit of the criterion")
AS_FAR_OUT = _private("as_far_out", "Share of the grader's frames at least as far out")
FACE = _private("face", "Side to which the face looks")
WARNING = _private("warning", "Warning")
NOTICE = _private("notice", "Notice")
NUMBER_OF_FRAMES = _private("frames", "Frames of the instance")
IMAGE_COLUMNS = _private("image_columns", "Columns of the image")
IMAGE_ROWS = _private("image_rows", "Rows of the image")
PIXELS_SHA256 = _private("pixels_sha256", "SHA-256 of the grey pixels")

GRADE_CODES: dict[Grade, Code] = {
    Grade.NORMAL: Code("17621005", "SCT", "Normal"),
    Grade.BORDERLINE: Code("111848", "DCM", "Borderline"),
    Grade.ABNORMAL: Code("263654008", "SCT", "Abnormal"),
    Grade.UNDECIDED: Code("371934000", "SCT", "Normality Undetermined"),
    Grade.NOT_ASSESSED: NOT_ASSESSED,
}
"""Values of *Normality*."""

BASIS_CODES: dict[GradeBasis, Code] = {
    GradeBasis.EDITS: _private("controlled_edits", "Trained on controlled edits"),
    GradeBasis.SIMULATION: _private("simulated_heads", "Trained on simulated heads"),
    GradeBasis.SITE: _private("site_labels", "Site labels"),
}
"""What a grade rests on, a property of *Normality* beside every grade of a grader."""

PLANE_CODES: dict[PlaneLabel, Code] = {
    PlaneLabel.STANDARD: _private("standard", "Standard plane"),
    PlaneLabel.NON_STANDARD: _private("non-standard", "Non-standard plane"),
    PlaneLabel.UNDECIDED: _private("undecided", "Standard or non-standard plane, undecided"),
}
PLANE_CODES_BY_NAME: dict[str, Code] = {label.value: code for label, code in PLANE_CODES.items()}
SPACING_CODES: dict[SpacingSource, Code] = {
    SpacingSource.US_REGION: _private("us_region", "US region calibration"),
    SpacingSource.PIXEL_SPACING: _private("pixel_spacing", "Pixel Spacing"),
    SpacingSource.USER: _private("user", "Given by the user"),
    SpacingSource.RULER: _private("ruler", "Ruler on the screen"),
}
CRITERION_CODES: dict[Criterion, Code] = {
    Criterion.STRUCTURES_SEEN: _private("plane_seen", "Plane criterion: structures seen"),
    Criterion.IN_PLACE: _private("plane_in_place", "Plane criterion: structures in place"),
    Criterion.MAGNIFICATION: _private("plane_magnified", "Plane criterion: magnification"),
    Criterion.EDGES: _private("plane_edges", "Plane criterion: places inside the image"),
    Criterion.SHARPNESS: _private("plane_sharpness", "Plane criterion: sharpness"),
}
MET_CODES: dict[bool | None, Code] = {True: YES, False: NO, None: NOT_ASSESSED}
FACE_CODES: dict[Face, Code] = {
    Face.LEFT: _private("left", "Left side of the image"),
    Face.RIGHT: _private("right", "Right side of the image"),
}
MEASUREMENT_CODES: dict[str, Code] = {
    "box_width": BOX_WIDTH,
    "box_height": BOX_HEIGHT,
    "thickness": NUCHAL_TRANSLUCENCY,
    "antero_posterior": FOURTH_VENTRICLE,
    "width": CISTERNA_MAGNA,
    "length": NASAL_BONE_LENGTH,
    "echo": NASAL_BONE_ECHO,
    "gap": MAXILLARY_GAP,
    "extent": MIDBRAIN_EXTENT,
    "skin_thickness": SKIN_THICKNESS,
}
"""Concept name of each measurement of a reading, in its order; *Nuchal Translucency* is its thickness, never the later
fold."""
OWN_MEASUREMENT_CODES: dict[tuple[Structure, str], Code] = {(Structure.PALATE, "length"): PALATE_LENGTH}
"""Of a structure whose measurement has the name of another's."""
BOUND_CODES: dict[str, Code] = {
    "below": _private("below", "Below that centile"),
    "above": _private("above", "Above that centile"),
}

UNIT_CODES: dict[str, Code] = {
    "": Code("1", "UCUM", "no units"),
    "mm": Code("mm", "UCUM", "mm"),
    "%": Code("%", "UCUM", "Percent"),
    "px": Code("{pixels}", "UCUM", "pixels"),
    "d": Code("d", "UCUM", "day"),
    "head units": Code("{head}", "UCUM", "head units"),
    "ratio to skin": Code("{skin}", "UCUM", "ratio to skin"),
}
"""Units of a reading in UCUM; what stands in braces is an annotation, a number without a unit."""

EXTENSIONS: dict[str, str] = {
    "72914001": "Palate: in SNOMED CT, not in PS3.16's context groups, so not in pydicom's dictionary",
    "260753009": "Source: PS3.16's own short name of SNOMED CT's attribute, as highdicom writes it",
    "111848": "Borderline: in PS3.16 a grade of another context group (CID 4254), here a value of Normality",
    "{pixels}": "an annotation of UCUM, which lists no annotations",
    "{head}": "an annotation of UCUM, which lists no annotations",
    "{skin}": "an annotation of UCUM, which lists no annotations",
}
"""Codes that are not in the place where a reader of PS3.16 would look for them, and why they are used."""


def measurement_code(structure: Structure, name: str) -> Code:
    """The concept name of a structure's measurement."""
    return OWN_MEASUREMENT_CODES.get((structure, name)) or MEASUREMENT_CODES[name]


def measurement_names() -> dict[Code, str]:
    """What a reading calls a measurement, by its concept name."""
    own = {code: name for (_, name), code in OWN_MEASUREMENT_CODES.items()}
    return own | {code: name for name, code in MEASUREMENT_CODES.items()}


def all_codes() -> tuple[Code, ...]:
    """Every code of this file, each once, sorted by scheme and value."""
    values = [value for name, value in globals().items() if not name.startswith("_")]
    found = {code for value in values for code in _codes_in(value)}
    return tuple(sorted(found, key=lambda code: (code.scheme, code.value)))


def _codes_in(value: object) -> tuple[Code, ...]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    return tuple(member for member in members if isinstance(member, Code))
