"""The ten shapes, made of solids by formulas of our own: nothing is loaded, nobody's model is copied."""

import functools
from collections.abc import Callable, Mapping

import numpy as np

from guyot.errors import SettingError
from guyot.scenes.solids import Solid, box, joined, normalised, placed, prism, revolved, tube


@functools.lru_cache(maxsize=16)
def shape(name: str) -> Solid:
    """Return the shape of a name, standing on z = 0, its largest side 1.

    Raises
    ------
    SettingError : there is none.

    Examples
    --------
    >>> float(shape("chair").vertices[:, 2].max())
    1.0
    """
    if name not in _SHAPES:
        raise SettingError(f"shape {name!r} was asked for; choose from {', '.join(_SHAPES)}")
    return normalised(_SHAPES[name]())


def _sphere() -> Solid:
    angles = np.linspace(-np.pi / 2, np.pi / 2, 41)[1:-1]
    return revolved([(0, -1), *zip(np.cos(angles), np.sin(angles), strict=True), (0, 1)])


def _cone() -> Solid:
    return revolved([(0, 0), (0.5, 0), (0.02, 0.98), (0, 1)])


def _torus() -> Solid:
    angles = np.arange(72) * (2 * np.pi / 72)
    return tube(np.stack([np.cos(angles), np.sin(angles), 0 * angles], 1), 0.42, 32)


def _mug() -> Solid:
    cup = revolved([
        (0, 0), (0.36, 0), (0.4, 0.04), (0.4, 0.97), (0.385, 1), (0.365, 1), (0.35, 0.97), (0.35, 0.1),
        (0, 0.1),
    ])  # fmt: skip
    angles = np.linspace(-np.pi / 2, np.pi / 2, 24)
    arc = np.stack([0.37 + 0.36 * np.cos(angles), 0 * angles, 0.52 + 0.3 * np.sin(angles)], 1)
    return joined([cup, tube(arc, 0.065, 16, is_closed=False)])


def _vase() -> Solid:
    heights = np.linspace(0, 1, 40)
    radii = 0.2 + 0.14 * np.sin(2 * np.pi * heights**0.8 - 0.5) * (1 - 0.25 * heights)
    outside = list(zip(radii, heights, strict=True))
    inside = [(r - 0.035, z) for r, z in reversed(outside) if z > 0.12]
    return revolved([(0, 0), *outside, *inside, (0, 0.12)])


def _knot() -> Solid:
    t = np.arange(240) * (2 * np.pi / 240)
    across = 2 + np.cos(3 * t)
    path = np.stack([across * np.cos(2 * t), np.sin(3 * t), across * np.sin(2 * t)], 1)
    return tube(path, 0.5, 20)


def _star() -> Solid:
    angles = np.pi / 2 + np.arange(10) * (np.pi / 5)
    radii = np.where(np.arange(10) % 2 == 0, 1.0, 0.45)
    flat = prism(np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1), 0.28)
    upright = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float64)
    return placed(Solid(flat.vertices @ upright, flat.triangles), turn=22.5)  # at no level of yaw edge on


def _chair() -> Solid:
    legs = [box((0.08, 0.08, 0.45), (x, y, 0.225)) for x in (-0.23, 0.23) for y in (-0.23, 0.23)]
    posts = [box((0.07, 0.07, 0.52), (x, 0.23, 0.74)) for x in (-0.23, 0.23)]
    rails = [box((0.44, 0.045, 0.1), (0, 0.23, z)) for z in (0.66, 0.8, 0.94)]
    return joined([*legs, box((0.56, 0.56, 0.07), (0, 0, 0.465)), *posts, *rails])


def _mushroom() -> Solid:
    stem = [(0.15, 0), (0.17, 0.03), (0.135, 0.15), (0.12, 0.3), (0.12, 0.5)]
    angles = np.linspace(0, np.pi / 2, 24)[:-1]
    cap = [(0.46 * np.cos(a), 0.52 + 0.36 * np.sin(a)) for a in angles]
    return revolved([(0, 0), *stem, (0.42, 0.48), *cap, (0, 0.88)])


_SHAPES: Mapping[str, Callable[[], Solid]] = {
    "sphere": _sphere, "cube": lambda: placed(box((1, 1, 1)), turn=20), "cone": _cone, "torus": _torus,
    "mug": _mug, "vase": _vase, "knot": _knot, "star": _star, "chair": lambda: placed(_chair(), turn=205),
    "mushroom": _mushroom,
}  # fmt: skip
