"""The machines: how each makes its picture. None is a product; together they span what the real set shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["EXAMPLE_DEVICE", "STUDY_DEVICES", "TRAINING_DEVICES", "Device", "Screen"]


class Screen(StrEnum):
    """How a machine lays out its screen around the picture."""

    RIGHT_COLUMN = "right_column"
    HEADER = "header"
    LEFT_COLUMN = "left_column"
    INSET = "inset"
    PLAIN = "plain"
    FOOTER = "footer"
    CORNERS = "corners"
    TITLE = "title"
    SIDE_PANEL = "side_panel"


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
        name="Alder V8", screen=Screen.RIGHT_COLUMN, width=677, height=480,
        steering=(-0.14, 0.0, 0.14), beam_mm=1.45, pulse_mm=0.40, smooth_mm=(0.22, 0.08), edge=0.7,
        floor_db=-19.0, range_db=42.0, gamma=1.9, lift=0.04,
        radius_mm=42.0, half_angle=0.50, depth_mm=(28.0, 42.0),
    ),
    Device(
        name="Birch E6", screen=Screen.HEADER, width=690, height=500,
        steering=(-0.10, 0.0, 0.10), beam_mm=1.15, pulse_mm=0.35, smooth_mm=(0.18, 0.07), edge=0.6,
        floor_db=-22.0, range_db=45.0, gamma=1.6, lift=0.06, noise_db=-32.0,
        radius_mm=40.0, half_angle=0.36, depth_mm=(22.0, 34.0),
    ),
    Device(
        name="Cedar Q5", screen=Screen.LEFT_COLUMN, width=640, height=450,
        steering=(-0.20, -0.10, 0.0, 0.10, 0.20), beam_mm=1.55, pulse_mm=0.44, smooth_mm=(0.26, 0.12), edge=0.4,
        floor_db=-15.0, range_db=38.0, gamma=1.6, lift=0.0, clutter_db=-27.0,
        radius_mm=55.0, half_angle=0.60, depth_mm=(30.0, 45.0),
    ),
    Device(
        name="Douglas 10", screen=Screen.INSET, width=672, height=500,
        steering=(-0.08, 0.0, 0.08), beam_mm=1.05, pulse_mm=0.34, smooth_mm=(0.15, 0.07), edge=0.8,
        floor_db=-18.0, range_db=40.0, gamma=1.6, lift=0.05, noise_db=-32.0,
        radius_mm=38.0, half_angle=0.33, depth_mm=(20.0, 32.0),
    ),
    Device(
        name="Elm Go", screen=Screen.PLAIN, width=660, height=470,
        steering=(-0.05, 0.05), beam_mm=1.40, pulse_mm=0.38, smooth_mm=(0.28, 0.12), edge=0.4,
        floor_db=-18.0, range_db=46.0, gamma=1.6, noise_db=-24.0, noise_rise_db=10.0, clutter_db=-20.0,
        radius_mm=60.0, half_angle=0.40, depth_mm=(30.0, 45.0),
    ),
)  # fmt: skip
"""The machines whose frames may be used in training."""

EXAMPLE_DEVICE = Device(
    name="Fir 3", screen=Screen.FOOTER, width=680, height=490,
    steering=(-0.16, 0.0, 0.16), beam_mm=1.30, pulse_mm=0.37, smooth_mm=(0.22, 0.09), edge=0.6,
    floor_db=-19.0, range_db=42.0, gamma=1.7,
    radius_mm=50.0, half_angle=0.42, depth_mm=(26.0, 40.0),
)  # fmt: skip
"""The machine that is kept for ``examples/``: no training ever sees a frame of it."""

STUDY_DEVICES: tuple[Device, ...] = (
    *TRAINING_DEVICES,
    EXAMPLE_DEVICE,
    Device(
        name="Ginkgo X2", screen=Screen.CORNERS, width=720, height=520,
        steering=(-0.22, -0.11, 0.0, 0.11, 0.22), beam_mm=0.95, pulse_mm=0.29, smooth_mm=(0.13, 0.06), edge=0.9,
        floor_db=-24.0, range_db=50.0, gamma=1.5, lift=0.02, noise_db=-30.0, noise_rise_db=9.0, clutter_db=-25.0,
        radius_mm=35.0, half_angle=0.55, depth_mm=(18.0, 30.0), focus_mm=45.0, focus_range_mm=30.0,
    ),
    Device(
        name="Hazel T7", screen=Screen.TITLE, width=600, height=440,
        steering=(0.0,), beam_mm=1.75, pulse_mm=0.50, smooth_mm=(0.30, 0.15), edge=0.3,
        floor_db=-16.0, range_db=36.0, gamma=1.8, lift=0.05, noise_db=-28.0, clutter_db=-19.0,
        radius_mm=62.0, half_angle=0.46, depth_mm=(32.0, 48.0), focus_mm=70.0, focus_range_mm=50.0,
    ),
    Device(
        name="Ilex 9", screen=Screen.SIDE_PANEL, width=704, height=528,
        steering=(-0.18, -0.12, -0.06, 0.0, 0.06, 0.12, 0.18), beam_mm=1.20, pulse_mm=0.45, smooth_mm=(0.34, 0.14),
        edge=0.5, floor_db=-25.0, range_db=54.0, gamma=1.5, lift=0.07, clutter_db=-24.0,
        radius_mm=46.0, half_angle=0.62, depth_mm=(24.0, 38.0),
    ),
)  # fmt: skip
"""The nine machines on which a study puts the same head; no training draws from the last four."""
