"""Textures of floors and materials, computed: 8-bit sRGB arrays that repeat in both directions."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.seeds import generator

SIDE = 256
_SEED = 0  # of the textures themselves: they are the same in every set of scenes
Field = NDArray[np.floating[Any]]


@functools.lru_cache(maxsize=16)
def texture(name: str) -> NDArray[np.uint8]:
    """Return a texture, uint8[256, 256, 3]: checker, grass, sand, marble, dark marble or wood.

    Raises
    ------
    SettingError : there is none of this name.

    Examples
    --------
    >>> texture("checker")[0, 0].tolist(), texture("checker")[0, 255].tolist()
    ([225, 222, 214], [46, 48, 54])
    """
    if name not in _TEXTURES:
        raise SettingError(f"texture {name!r} was asked for; choose from {', '.join(_TEXTURES)}")
    return np.clip(np.rint(_TEXTURES[name]()), 0, 255).astype(np.uint8)


def noise(label: str, height: int, width: int, cells: tuple[int, int], octaves: int = 4) -> Field:
    """Return smooth noise that repeats, of octaves of value noise: float64[height, width] from 0 to 1.

    Parameters
    ----------
    label : of the random stream
    cells : of the coarsest octave, along height and width; each further one has twice as many, and half the
        weight

    Examples
    --------
    >>> field = noise("doctest", 8, 8, (2, 2))
    >>> float(field.min()), float(field.max())
    (0.0, 1.0)
    """
    total = np.zeros((height, width))
    for octave in range(octaves):
        rows, columns = cells[0] << octave, cells[1] << octave
        grid = generator(_SEED, "texture", label, octave).random((rows, columns))
        down = _smooth(np.arange(height) * rows / height, rows)
        across = _smooth(np.arange(width) * columns / width, columns)
        total += down @ grid @ across.T / 2**octave
    total -= total.min()
    return total / total.max()


def blend(low: tuple[float, ...], high: tuple[float, ...], share: Field) -> Field:
    """Mix two colours by a field from 0 to 1: float64[..., 3]."""
    return np.asarray(low) + (np.asarray(high, np.float64) - np.asarray(low)) * share[..., None]


def _smooth(places: Field, n: int) -> Field:
    """Return weights of n periodic grid values at some places, by the cubic 3 t^2 - 2 t^3."""
    begins = np.floor(places).astype(np.int64)
    share = places - begins
    share = share * share * (3 - 2 * share)
    weights = np.zeros((len(places), n))
    np.add.at(weights, (np.arange(len(places)), begins % n), 1 - share)
    np.add.at(weights, (np.arange(len(places)), (begins + 1) % n), share)
    return weights


def _checker() -> Field:
    rows, columns = np.indices((SIDE, SIDE)) // (SIDE // 2)
    return blend((225, 222, 214), (46, 48, 54), ((rows + columns) % 2).astype(np.float64))


def _grass() -> Field:
    patches = noise("grass patches", SIDE, SIDE, (3, 3), 3)
    blades = noise("grass blades", SIDE, SIDE, (16, 48), 3)
    return blend((30, 62, 18), (128, 168, 62), 0.35 * patches + 0.65 * blades)


def _sand() -> Field:
    rows = np.arange(SIDE)[:, None] / SIDE
    ripples = 0.5 + 0.5 * np.sin(2 * np.pi * (6 * rows + 0.9 * noise("sand bends", SIDE, SIDE, (2, 2), 2)))
    grains = noise("sand grains", SIDE, SIDE, (64, 64), 2)
    return blend((176, 142, 94), (236, 208, 156), 0.6 * ripples + 0.4 * grains)


def _veins() -> Field:
    """Return 0 in the veins of marble and up to 1 between them."""
    columns = np.arange(SIDE)[None, :] / SIDE
    bends = noise("marble bends", SIDE, SIDE, (2, 2), 5)
    return np.abs(np.sin(2 * np.pi * (columns + 1.4 * bends))) ** 0.45


def _marble() -> Field:
    return blend((74, 80, 92), (238, 236, 232), _veins())


def _dark_marble() -> Field:
    return blend((214, 222, 214), (28, 52, 44), _veins())


def _wood() -> Field:
    rows = np.arange(SIDE)[:, None] / SIDE
    bends = noise("wood bends", SIDE, SIDE, (4, 1), 3)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (7 * rows + 1.3 * bends))
    fibres = noise("wood fibres", SIDE, SIDE, (64, 2), 2)
    return blend((92, 50, 22), (192, 130, 74), 0.65 * rings + 0.35 * fibres)


_TEXTURES: Mapping[str, Callable[[], Field]] = {
    "checker": _checker, "grass": _grass, "sand": _sand, "marble": _marble,
    "dark marble": _dark_marble, "wood": _wood,
}  # fmt: skip
