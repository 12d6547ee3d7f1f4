"""The scanner: a scene in pixels' millimetres becomes grey pixels, by way of lines of echoes."""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage

from nonet.simulate.devices import Device
from nonet.simulate.grid import PolarGrid
from nonet.simulate.raster import lay_interfaces, lay_tissues
from nonet.simulate.scene import FloatArray, Scene

__all__ = ["scan"]


def scan(scene: Scene, device: Device, grid: PolarGrid, rng: np.random.Generator) -> FloatArray:
    """Grey values before quantising, 0 to 1, on the polar grid: ``float[depths, lines]``."""
    ground = lay_tissues(scene, grid, rng)
    loss = ground.loss_db + 0.0
    envelopes = []
    for steer in device.steering:
        echo = lay_interfaces(scene, grid, steer, rng)
        shadow = np.cumsum(loss + echo.loss_db, axis=0)
        scatter = 10 ** (ground.level_db / 20)
        noise = rng.standard_normal((2, *grid.shape), dtype=np.float32)
        field = (scatter * noise[0] + echo.amplitude.real) + 1j * (scatter * noise[1] + echo.amplitude.imag)
        field *= 10 ** (-shadow / 20)
        envelopes.append(np.abs(blur(field.astype(np.complex64), device, grid)))
    return np.asarray(compress(np.mean(envelopes, axis=0), device, grid, rng))


def blur(field, device, grid):
    """Point-spread"""
    rows, lines = grid.shape
    depth = grid.depths_mm
    lateral = device.beam_mm * np.sqrt(1 + ((depth - device.focus_mm) / device.focus_range_mm) ** 2) / 2.355
    sigma = lateral / (depth_pitch := (grid.radii * grid.line_angle))
    n = fft.next_fast_len(lines + 16)
    k = 2 * np.pi * fft.fftfreq(n)
    transfer = np.exp(-0.5 * (k[None, :] * sigma[:, None]) ** 2)
    transfer *= np.sqrt(2 * np.sqrt(np.pi) * sigma)[:, None]
    out = fft.ifft(fft.fft(field, n, axis=1) * transfer.astype(np.float32), axis=1)[:, :lines]
    s = device.pulse_mm / 2.355 / grid.step_mm
    n = fft.next_fast_len(rows + 32)
    k = 2 * np.pi * fft.fftfreq(n)
    t = np.exp(-0.5 * (k * s) ** 2) * np.sqrt(2 * np.sqrt(np.pi) * s)
    return fft.ifft(fft.fft(out, n, axis=0) * t[:, None].astype(np.float32), axis=0)[:rows]


def compress(envelope, device, grid, rng):
    haze = ndimage.gaussian_filter(envelope, (1.2 / grid.step_mm, 3.0 / grid.pitch_mm))
    rows = np.linspace(0, 1, len(envelope))[:, None]
    floor = 10 ** ((device.noise_db + device.noise_rise_db * rows) / 20)
    envelope = envelope + 10 ** (device.clutter_db / 20) * haze + floor * rng.rayleigh(size=envelope.shape)
    db = 20 * np.log10(envelope)
    db = ndimage.gaussian_filter(db, (device.smooth_mm[1] / grid.step_mm, device.smooth_mm[0] / grid.pitch_mm))
    if device.edge:
        db += device.edge * (db - ndimage.gaussian_filter(db, (0.6 / grid.step_mm, 0.9 / grid.pitch_mm)))
    v = (db - device.floor_db) / device.range_db
    return np.clip(np.tanh(np.clip(v, 0, None) ** device.gamma), 0, 1)
