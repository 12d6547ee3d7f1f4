"""Around the fetus: fluid, uterine wall, placenta, and limbs that float by."""

from __future__ import annotations

import numpy as np

from nonet.simulate.curves import blob, oval, spline
from nonet.simulate.part import Anatomy
from nonet.simulate.scene import Grain, Interface, Scene, Tissue


def draw_womb(a: Anatomy, rng: np.random.Generator) -> None:
    k = a.k
    behind = Scene()
    t, i = behind.tissues, behind.interfaces
    tilt = rng.uniform(-0.25, 0.25)
    x = np.linspace(-60, 60, 9) * k
    bend = rng.uniform(0.0, 0.012)
    wall = spline(
        np.column_stack((x, -tilt * (x + 5) - bend / k * np.maximum(x - 3, 0) ** 2 + rng.normal(0, 0.6, 9) * k))
    )
    nape = a.landmarks["nape"]
    near = (wall[:, 0] > -26 * k) & (wall[:, 0] < 10 * k)
    clearance = np.interp(wall[near, 0], nape[:, 0], nape[:, 1]) - wall[near, 1]
    wall[:, 1] += clearance.max() + (rng.uniform(-0.3, 3.0) if rng.random() < 0.8 else 20.0) * k
    a.scene.grain_angle = {
        Grain.WALL: -np.arctan(tilt) + rng.normal(0, 0.1),
        Grain.BODY: rng.normal(0, 0.08),
        Grain.BRAIN: 0.0,
    }
    t.append(Tissue(np.vstack((wall, [[60 * k, 60 * k], [-60 * k, 60 * k]])), rng.uniform(-2, 5), 0.1, Grain.WALL))
    i.append(Interface(wall, rng.uniform(0, 12), 0.3, 2.0, taper=0.0))
    if rng.random() < 0.5:
        y = rng.uniform(-24, -18) * k
        tilt = rng.uniform(-0.3, 0.3)
        top = spline(np.column_stack((x, y - tilt * x + rng.normal(0, 0.8, 9) * k)))
        t.append(
            Tissue(np.vstack((top, [[60 * k, -80 * k], [-60 * k, -80 * k]])), rng.uniform(-2, 6), 0.05, Grain.WALL)
        )
    for _ in range(rng.integers(0, 3)):
        cx, cy = rng.uniform(-24, -10) * k, rng.uniform(-22, -15) * k
        t.append(
            Tissue(
                blob(cx, cy, rng.uniform(1, 2.5) * k, rng.uniform(0.5, 1.2) * k, rng),
                rng.uniform(0, 5),
                0.0,
                Grain.BODY,
            )
        )
        i.append(
            Interface(
                np.array([[cx - k, cy], [cx + k, cy + rng.uniform(-1, 1) * k]]),
                rng.uniform(8, 20),
                0.6 * k,
                1.0,
                taper=0.4,
            )
        )
    behind.add(a.scene)
    a.scene.tissues, a.scene.interfaces = behind.tissues, behind.interfaces
