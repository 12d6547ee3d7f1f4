"""pysera: the same 215 features, 32 bins, by its extraction function (no spreadsheet is written)."""

import logging
import warnings

import numpy as np
from serving import serve

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from pysera.engine.visera_oop.radiomics_features_extractor import SERA_FE_main  # noqa: E402

FIRST_ORDER_AND_2D = "011000"
ALL_BUT_DIAGNOSTICS_AND_MOMENTS = "0111111111110"


def measure(pixels: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[dict[str, float]]:
    """Features of each box by name."""
    return [one(pixels, box) for box in boxes]


def one(pixels: np.ndarray, box: tuple[int, int, int, int]) -> dict[str, float]:
    """Features of one box by name."""
    x1, y1, x2, y2 = box
    mask = np.zeros((*pixels.shape, 1), dtype=bool)
    mask[y1:y2, x1:x2] = True
    found = SERA_FE_main(
        image_array=pixels[:, :, None],
        roi_mask_array=mask,
        feature_dimensions_mask=FIRST_ORDER_AND_2D,
        extractor_mask=ALL_BUT_DIAGNOSTICS_AND_MOMENTS,
        voxel_dimensions=(1.0, 1.0, 1.0),
        bin_sizes_input=32,
        data_type_str="OTHER",
        isotropic_voxel_size_3d=1.0,
        isotropic_voxel_size_2d=1.0,
        discretization_method="FBN",
        quantization_method="Uniform",
        voxel_interpolation_method="Nearest",
        roi_interpolation_method="Nearest",
        enable_scaling=False,
        enable_gl_rounding=False,
        enable_resegmentation=False,
        remove_outliers=False,
        quantize_statistics=False,
        use_isotropic_2d=False,
        resegmentation_interval=(-1000, 400),
        roi_partial_volume_fraction=0.5,
        feature_value_mode_str="REAL_VALUE",
        image_name="frame",
        roi_name="box",
        ivh_type=3,
        ivh_disc_cont=1,
        ivh_bin_size=2,
    )
    return {name: float(value) for name, value in found["frame"][0]["value"].items()}


serve(measure)
