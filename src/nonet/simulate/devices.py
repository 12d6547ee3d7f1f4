"""The machines: how each makes its picture. None is a product; together they span what the real set shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["EXAMPLE_DEVICE", "TRAINING_DEVICES", "Device", "Screen"]


class Screen(StrEnum):
    """How a machine lays out its screen around the picture."""

    RIGHT_COLUMN = "right_column"
    HEADER = "header"
    LEFT_COLUMN = "left_column"
    INSET = "inset"
    PLAIN = "plain"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Device:
    """A probe, a signal path and a screen.

    Parameters
    ----------
    name
        Name for tables and the overlay.
    screen
        Layout of text, ruler and inset.
    width, height
        Usual size of the saved image, pixels.
    steering
        Angles in radians whose envelopes are averaged (spatial compounding).
    beam_mm, pulse_mm
        Full width at half maximum of the point-spread function across and along the beam, at focus.
    focus_mm, focus_range_mm
        Depth of focus and the distance from it at which the beam is sqrt(2) times as wide.
    smooth_mm
        Standard deviation of the speckle filter across and along the beam.
    edge
        Gain of the edge enhancement.
    noise_db, noise_rise_db, clutter_db
        Electronic noise, how much it rises with depth, and side-lobe haze, against brain at 0 dB.
    floor_db, range_db, gamma, lift
        Grey map: level shown as black, dynamic range, exponent, grey of black (0 to 1).
    radius_mm, half_angle
        Radius of the curved array and half of its field of view (rad).
    depth_mm
        Range of the depth at which the top of the image lies.
    """

    name: str
    screen: Screen
    width: int
    height: int
    steering: tuple[float, ...]
    beam_mm: float
    pulse_mm: float
    smooth_mm: tuple[float, float]
    edge: float
    floor_db: float
    range_db: float
    gamma: float
    radius_mm: float
    half_angle: float
    depth_mm: tuple[float, float]
    focus_mm: float = 60.0
    focus_range_mm: float = 40.0
    noise_db: float = -34.0
    noise_rise_db: float = 6.0
    clutter_db: float = -22.0
    lift: float = 0.03


TRAINING_DEVICES: tuple[Device, ...] = (
    Device(
        "Alder V8", Screen.RIGHT_COLUMN, 677, 480, (-0.14, 0.0, 0.14), 1.05, 0.40, (0.25, 0.10), 0.7,
        floor_db=-19.0, range_db=42.0, gamma=1.9, radius_mm=42.0, half_angle=0.50, depth_mm=(28.0, 42.0), lift=0.04,
    ),
    Device(
        "Birch E6", Screen.HEADER, 690, 500, (-0.1, 0.0, 0.1), 0.80, 0.33, (0.18, 0.07), 0.6,
        floor_db=-22.0, range_db=45.0, gamma=1.6, radius_mm=40.0, half_angle=0.36, depth_mm=(22.0, 34.0),
        noise_db=-32.0, lift=0.06,
    ),
    Device(
        "Cedar Q5", Screen.LEFT_COLUMN, 640, 450, (-0.2, -0.1, 0.0, 0.1, 0.2), 1.15, 0.42, (0.28, 0.13), 0.4,
        floor_db=-14.0, range_db=38.0, gamma=1.6, radius_mm=55.0, half_angle=0.60, depth_mm=(30.0, 45.0),
        clutter_db=-27.0, lift=0.0,
    ),
    Device(
        "Douglas 10", Screen.INSET, 672, 500, (-0.08, 0.0, 0.08), 0.75, 0.32, (0.15, 0.07), 0.8,
        floor_db=-18.0, range_db=40.0, gamma=1.6, radius_mm=38.0, half_angle=0.33, depth_mm=(20.0, 32.0),
        noise_db=-32.0, lift=0.05,
    ),
    Device(
        "Elm Go", Screen.PLAIN, 660, 470, (-0.05, 0.05), 1.05, 0.38, (0.35, 0.13), 0.4,
        floor_db=-18.0, range_db=46.0, gamma=1.6, radius_mm=60.0, half_angle=0.40, depth_mm=(30.0, 45.0),
        noise_db=-24.0, noise_rise_db=10.0, clutter_db=-20.0,
    ),
)  # fmt: skip
"""The machines whose frames may be used in training."""

EXAMPLE_DEVICE = Device(
    "Fir 3", Screen.FOOTER, 680, 490, (-0.16, 0.0, 0.16), 0.95, 0.36, (0.25, 0.10), 0.6,
    floor_db=-19.0, range_db=42.0, gamma=1.7, radius_mm=50.0, half_angle=0.42, depth_mm=(26.0, 40.0),
)  # fmt: skip
"""The machine that is kept for ``examples/``: no training ever sees a frame of it."""
