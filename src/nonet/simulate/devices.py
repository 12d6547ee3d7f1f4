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
    floor_db, range_db, gamma
        Grey map: level shown as black, dynamic range, exponent.
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
    clutter_db: float = -30.0


TRAINING_DEVICES: tuple[Device, ...] = (
    Device(
        "Alder V8",
        Screen.RIGHT_COLUMN,
        677,
        480,
        (-0.14, 0.0, 0.14),
        1.25,
        0.46,
        (0.45, 0.16),
        0.6,
        -15.0,
        36.0,
        1.35,
        42.0,
        0.50,
        (28.0, 42.0),
    ),
    Device(
        "Birch E6",
        Screen.HEADER,
        690,
        500,
        (-0.1, 0.0, 0.1),
        0.95,
        0.38,
        (0.25, 0.10),
        0.5,
        -18.0,
        42.0,
        1.2,
        40.0,
        0.33,
        (22.0, 34.0),
        noise_db=-30.0,
    ),
    Device(
        "Cedar Q5",
        Screen.LEFT_COLUMN,
        640,
        450,
        (-0.2, -0.1, 0.0, 0.1, 0.2),
        1.35,
        0.50,
        (0.40, 0.20),
        0.25,
        -14.0,
        34.0,
        1.15,
        55.0,
        0.60,
        (30.0, 45.0),
        clutter_db=-34.0,
    ),
    Device(
        "Douglas 10",
        Screen.INSET,
        672,
        500,
        (-0.08, 0.08),
        0.80,
        0.34,
        (0.15, 0.07),
        1.1,
        -13.0,
        32.0,
        1.1,
        38.0,
        0.30,
        (20.0, 32.0),
        noise_db=-32.0,
    ),
    Device(
        "Elm Go",
        Screen.PLAIN,
        660,
        470,
        (0.0,),
        1.15,
        0.42,
        (0.50, 0.20),
        0.2,
        -16.0,
        44.0,
        1.25,
        60.0,
        0.40,
        (30.0, 45.0),
        noise_db=-26.0,
        noise_rise_db=10.0,
        clutter_db=-26.0,
    ),
)
"""The machines whose frames may be used in training."""

EXAMPLE_DEVICE = Device(
    "Fir 3",
    Screen.FOOTER,
    680,
    490,
    (-0.16, 0.0, 0.16),
    1.1,
    0.40,
    (0.35, 0.14),
    0.5,
    -16.0,
    40.0,
    1.2,
    50.0,
    0.42,
    (26.0, 40.0),
)
"""The machine that is kept for ``examples/``: no training ever sees a frame of it."""
