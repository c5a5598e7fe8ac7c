"""Environments: radiance from every direction, computed, as maps of longitude and latitude.

Row 0 is the zenith, the last row the nadir; the middle column is ahead of the camera at azimuth 0. Values are
linear RGB; white paper that the clear sky lights has a radiance of about 1. Suns are wide and soft: a small
one would leave single bright pixels in a rendering of few samples.
"""

import functools
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.scenes.textures import Field, blend, noise

HEIGHT, WIDTH = 512, 1024


@functools.lru_cache(maxsize=8)
def environment(name: str) -> NDArray[np.float32]:
    """Return an environment, float32[512, 1024, 3]: clear, overcast, sunset, studio, forest or night.

    Raises
    ------
    SettingError : there is none of this name.

    Examples
    --------
    >>> bool(environment("night").mean() < environment("clear").mean())
    True
    """
    if name not in _ENVIRONMENTS:
        raise SettingError(f"environment {name!r} was asked for; choose from {', '.join(_ENVIRONMENTS)}")
    return np.maximum(_ENVIRONMENTS[name](), 0).astype(np.float32)


def _elevations() -> Field:
    """Return the elevation of each row in degrees, float64[512, 1]."""
    return 90 - (np.arange(HEIGHT)[:, None] + 0.5) * (180 / HEIGHT)


def _azimuths() -> Field:
    """Return the azimuth of each column in degrees, float64[1, 1024]; 0 is what the camera looks at."""
    return (np.arange(WIDTH)[None, :] + 0.5) * (360 / WIDTH) - 180


def _glow(azimuth: float, elevation: float, degrees: float) -> Field:
    """Return a soft spot of a width about a direction: float64[512, 1024] up to 1."""
    across, up = np.radians(_azimuths() - azimuth), np.radians(_elevations())
    centre = np.radians(elevation)
    cosine = np.sin(up) * np.sin(centre) + np.cos(up) * np.cos(centre) * np.cos(across)
    return np.exp((cosine - 1) * 2 / np.radians(degrees) ** 2)


def _step(values: Field, edge: float, width: float) -> Field:
    """Return 0 below an edge and 1 above it, smooth over a width."""
    share = np.clip((values - edge) / width + 0.5, 0, 1)
    return share * share * (3 - 2 * share)


def _over_ground(sky: Field, ground: tuple[float, float, float]) -> Field:
    """Put an even ground under the horizon."""
    above = _step(_elevations(), 0, 1.5)[..., None] * np.ones((1, WIDTH, 1))
    return sky * above + np.asarray(ground) * (1 - above)


def _gradient(low: tuple[float, ...], high: tuple[float, ...], power: float) -> Field:
    """Return a sky from the horizon's colour to the zenith's."""
    return blend(low, high, (np.clip(_elevations(), 0, 90) / 90) ** power * np.ones((1, WIDTH)))


def _clear() -> Field:
    sky = _gradient((0.72, 0.9, 1.1), (0.12, 0.3, 0.85), 0.55)
    clouds = noise("clear clouds", HEIGHT, WIDTH, (16, 16), 5)
    share = _step(clouds, 0.6, 0.25) * _step(_elevations(), 3, 6)
    sky = sky + (np.array([1.25, 1.25, 1.25]) - sky) * share[..., None]
    sun = _glow(-70, 48, 6)[..., None] * np.array([26, 24, 20])
    return _over_ground(sky + sun, (0.42, 0.4, 0.36))


def _overcast() -> Field:
    clouds = noise("overcast clouds", HEIGHT, WIDTH, (20, 16), 5)
    grey = (0.62 + 0.55 * np.clip(_elevations(), 0, 90) / 90)[..., None] * np.array([0.94, 0.98, 1.04])
    return _over_ground(grey * (0.7 + 0.6 * clouds[..., None]), (0.3, 0.31, 0.32))


def _sunset() -> Field:
    sky = _gradient((1.35, 0.5, 0.16), (0.1, 0.12, 0.34), 0.5)
    clouds = _step(noise("sunset clouds", HEIGHT, WIDTH, (24, 5), 4), 0.58, 0.3) * _step(_elevations(), 3, 5)
    sky = sky * (1 - 0.55 * clouds[..., None]) + clouds[..., None] * np.array([0.42, 0.16, 0.2])
    sun = _glow(22, 5, 5)[..., None] * np.array([22, 11, 3.2])
    halo = _glow(22, 4, 30)[..., None] * np.array([0.9, 0.4, 0.1])
    return _over_ground(sky + sun + halo, (0.2, 0.13, 0.12))


def _studio() -> Field:
    room = 0.3 + 0.1 * np.sin(np.radians(np.clip(_elevations(), 0, 90))) + 0 * _azimuths()
    light = np.zeros((HEIGHT, WIDTH))
    for azimuth, elevation, width, height in ((-58, 38, 44, 40), (62, 34, 30, 50), (180, 70, 360, 22)):
        across = np.abs((_azimuths() - azimuth + 180) % 360 - 180)
        up = np.abs(_elevations() - elevation)
        light += _step(width / 2 - across, 0, 4) * _step(height / 2 - up, 0, 4)
    colours = room[..., None] * np.array([1.0, 0.98, 0.95]) + light[..., None] * np.array([2.4, 2.4, 2.45])
    return _over_ground(colours, (0.28, 0.275, 0.27))


def _forest() -> Field:
    leaves = noise("forest leaves", HEIGHT, WIDTH, (32, 64), 4)
    crowns = blend((0.02, 0.06, 0.015), (0.34, 0.62, 0.1), leaves**1.6)
    gaps = _step(noise("forest gaps", HEIGHT, WIDTH, (12, 24), 3), 0.66, 0.1) * _step(_elevations(), 14, 20)
    crowns = crowns + (np.array([1.9, 2.1, 1.8]) - crowns) * gaps[..., None]
    trunks = _step(noise("forest trunks", 1, WIDTH, (1, 40), 2), 0.62, 0.1) * np.ones((HEIGHT, 1))
    bark = blend((0.04, 0.025, 0.015), (0.16, 0.1, 0.06), noise("forest bark", HEIGHT, WIDTH, (8, 128), 2))
    share = (trunks * (1 - _step(_elevations(), 24, 14)))[..., None]
    return _over_ground(crowns * (1 - share) + bark * share, (0.09, 0.075, 0.04))


def _night() -> Field:
    sky = _gradient((0.05, 0.065, 0.14), (0.008, 0.012, 0.04), 0.5)
    stars = _step(noise("night stars", HEIGHT, WIDTH, (256, 512), 1), 0.965, 0.03)
    sky = sky + (stars * _step(_elevations(), 6, 8))[..., None] * 0.8
    lamps = _step(noise("night lamps", HEIGHT, WIDTH, (256, 256), 1), 0.86, 0.08)
    band = lamps * _step(_elevations(), 0.8, 1) * (1 - _step(_elevations(), 5, 5))
    moon = _glow(-28, 24, 4)[..., None] * np.array([9, 9.6, 11])
    return _over_ground(sky + band[..., None] * np.array([3.4, 2.2, 0.9]) + moon, (0.03, 0.03, 0.04))


_ENVIRONMENTS: Mapping[str, Callable[[], Field]] = {
    "clear": _clear, "overcast": _overcast, "sunset": _sunset, "studio": _studio, "forest": _forest,
    "night": _night,
}  # fmt: skip
