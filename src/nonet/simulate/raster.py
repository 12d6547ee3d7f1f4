"""Painting a scene on the polar grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from nonet.simulate.curves import resample
from nonet.simulate.grid import PolarGrid
from nonet.simulate.scene import FloatArray, Grain, Interface, Scene

__all__ = ["Echo", "Ground", "lay_interfaces", "lay_tissues"]


@dataclass(frozen=True, slots=True)
class Ground:
    level_db: FloatArray
    loss_db: FloatArray


@dataclass(frozen=True, slots=True)
class Echo:
    amplitude: np.ndarray
    loss_db: FloatArray


_GRAIN = {Grain.BRAIN: (0.9, 0.5, 5.0), Grain.BODY: (2.2, 0.45, 5.0), Grain.WALL: (2.5, 0.5, 5.0)}


def lay_tissues(scene, grid, rng):
    rows, lines = grid.shape
    level = Image.new("F", (lines, rows), -60.0)
    loss = Image.new("F", (lines, rows), 0.0)
    grain = Image.new("L", (lines, rows), 0)
    for t in scene.tissues:
        l, s = grid.indices(t.outline)
        poly = list(zip(l.tolist(), s.tolist()))
        ImageDraw.Draw(level).polygon(poly, fill=t.level_db)
        ImageDraw.Draw(loss).polygon(poly, fill=t.attenuation * grid.step_mm)
        ImageDraw.Draw(grain).polygon(poly, fill=int(t.grain))
    g = np.asarray(grain)
    db = np.asarray(level, dtype=np.float32).copy()
    # edges in amplitude
    amp = ndimage.gaussian_filter(10 ** (db / 20), (0.12 / grid.step_mm, 0.2 / grid.pitch_mm))
    db = 20 * np.log10(amp + 1e-4)
    x, y = grid.positions()
    for kind, (along, across, sd) in _GRAIN.items():
        m = g == kind
        if not m.any():
            continue
        db[m] += sd * texture(x[m], y[m], along, across, scene.grain_angle.get(kind, 0.0), rng)
    return Ground(db, np.asarray(loss))


def texture(x, y, along, across, angle, rng):
    """Smooth noise of unit variance with given correlation"""
    tile = rng.standard_normal((256, 256), dtype=np.float32)
    pitch = 0.25
    tile = ndimage.gaussian_filter(tile, (across / pitch, along / pitch), mode="wrap")
    tile2 = ndimage.gaussian_filter(
        rng.standard_normal((256, 256), dtype=np.float32), (3 * across / pitch, 3 * along / pitch), mode="wrap"
    )
    tile = 0.8 * tile / tile.std() + 0.6 * tile2 / tile2.std()
    ca, sa = np.cos(angle), np.sin(angle)
    u = (ca * x + sa * y) / pitch + 40
    v = (-sa * x + ca * y) / pitch + 40
    return ndimage.map_coordinates(tile, (v, u), order=1, mode="grid-wrap")


def lay_interfaces(scene, grid, steer, rng):
    rows, lines = grid.shape
    n = rows * lines
    re = np.zeros(n)
    im = np.zeros(n)
    loss = np.zeros(n)
    for it in scene.interfaces:
        l, s, a, lo = _strokes(it, grid, steer, rng)
        li, si = np.floor(l).astype(int), np.floor(s).astype(int)
        fl, fs = l - li, s - si
        for dl in (0, 1):
            for ds in (0, 1):
                i, j = li + dl, si + ds
                ok = (i >= 0) & (i < lines) & (j >= 0) & (j < rows)
                w = (fl if dl else 1 - fl) * (fs if ds else 1 - fs)
                idx = (j * lines + i)[ok]
                v = (a * w)[ok]
                re += np.bincount(idx, v.real, n)
                im += np.bincount(idx, v.imag, n)
                loss += np.bincount(idx, (lo * w)[ok], n)
    return Echo((re + 1j * im).reshape(rows, lines), loss.reshape(rows, lines))


def _strokes(it, grid, steer, rng):
    step = 0.06
    p = resample(it.path, step)
    m = len(p)
    p = p + 0.07 * np.column_stack((_smooth_noise(m, 20, rng), _smooth_noise(m, 20, rng)))
    tangent = np.gradient(p, axis=0) if m > 1 else np.array([[1.0, 0]])
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    beam = p - np.array(grid.apex)
    ang = np.arctan2(beam[:, 0], beam[:, 1]) + steer
    cosine = np.abs(-tangent[:, 1] * np.sin(ang) + tangent[:, 0] * np.cos(ang))
    t = np.linspace(0, 1, m)
    fade = np.clip(np.minimum(t, 1 - t) / max(it.taper, 1e-6), 0, 1) ** 0.7
    wob = _smooth_noise(m, 10, rng) + _smooth_noise(m, 40, rng)
    phase = np.cumsum(ndimage.gaussian_filter1d(rng.standard_normal(m), 4)) * 0.35
    amp = 10 ** ((it.level_db + 2.6 * wob) / 20) * (cosine**it.polish + 0.01) * fade * np.exp(1j * phase)
    amp = amp * step / grid.pitch_mm * 0.95
    l, s = grid.indices(p)
    layers = max(int(round(it.width / grid.step_mm)), 1)
    off = np.arange(layers) - (layers - 1) / 2
    L = np.repeat(l, layers)
    S = (s[:, None] + off).ravel()
    A = np.repeat(amp, layers)
    if layers > 1:
        A = A * np.exp(1j * np.repeat(rng.uniform(0, 6.28, layers)[None], m, 0).ravel() * 0.5)
    LO = np.repeat(it.loss_db * cosine * step / grid.pitch_mm / layers, layers) if m else L
    return L, S, A, LO


def _smooth_noise(count, sigma, rng):
    pad = int(3 * sigma)
    v = ndimage.gaussian_filter1d(rng.standard_normal(count + 2 * pad), sigma)[pad : pad + count]
    return v * np.sqrt(2 * np.sqrt(np.pi) * sigma)
