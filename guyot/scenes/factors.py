"""The factors of a rendered scene and their levels (PUG, arXiv 2308.03977, with levels of our own)."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from guyot.errors import SettingError

SHAPES = ("sphere", "cube", "cone", "torus", "mug", "vase", "knot", "star", "chair", "mushroom")
MATERIALS = ("red", "green", "blue", "yellow", "gold", "steel", "wood", "marble")
ENVIRONMENTS = ("clear", "overcast", "sunset", "studio", "forest", "night")
FLOORS = ("checker", "grass", "sand", "marble", "wood")
LIGHTS = ("left", "right", "above")
POSITIONS = ("centre", "left", "right")
SCALES = (0.7, 1.0, 1.3)
YAWS = tuple(45.0 * i for i in range(8))  # degrees
CAMERA_AZIMUTHS = (-30.0, 0.0, 30.0)  # degrees
CAMERA_ELEVATIONS = (6.0, 12.0, 18.0)  # degrees
ENCODINGS = ("png", "jpeg-90", "jpeg-50", "resize-64", "resize-48")
LEVELS: Mapping[str, tuple[Any, ...]] = {
    "shape": SHAPES, "material": MATERIALS, "environment": ENVIRONMENTS, "floor": FLOORS, "scale": SCALES,
    "light": LIGHTS, "yaw": YAWS, "position": POSITIONS, "camera_azimuth": CAMERA_AZIMUTHS,
    "camera_elevation": CAMERA_ELEVATIONS,
}  # fmt: skip
_NUMBERS = ("scale", "yaw", "camera_azimuth", "camera_elevation")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """One scene: the level of each factor, and which of several renderings of it this is.

    shape, material, environment, floor, light, position : levels of `LEVELS`
    scale : factor of the object's size, 0.1 to 2
    yaw : turn of the object about the vertical, in degrees, 0 up to 360
    camera_azimuth : of the camera about the object, in degrees, -180 to 180; light and position are as the
        camera sees them, so that it changes the background and the side of the object that is seen
    camera_elevation : of the camera above the object, in degrees, 0 to 60
    replicate : two scenes that differ in it alone differ in the renderer's noise alone

    Raises
    ------
    SettingError : a level that there is not, or a number out of its range.

    Examples
    --------
    >>> Scene(shape="mug", yaw=90).yaw
    90.0
    """

    shape: str = "sphere"
    material: str = "red"
    environment: str = "clear"
    floor: str = "checker"
    scale: float = 1.0
    light: str = "left"
    yaw: float = 0.0
    position: str = "centre"
    camera_azimuth: float = 0.0
    camera_elevation: float = 12.0
    replicate: int = 0

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            object.__setattr__(self, name, float(getattr(self, name)))
        for name, levels in LEVELS.items():
            if name not in _NUMBERS and getattr(self, name) not in levels:
                raise SettingError(
                    f"{name} {getattr(self, name)!r} was asked for; choose from {', '.join(levels)}"
                )
        self._check("scale", 0.1, 2.0)
        self._check("yaw", 0.0, 359.999999)
        self._check("camera_azimuth", -180.0, 180.0)
        self._check("camera_elevation", 0.0, 60.0)
        self._check("replicate", 0, 2**31 - 1)

    def _check(self, name: str, low: float, high: float) -> None:
        """Require a number to be in its range."""
        if not low <= getattr(self, name) <= high:
            raise SettingError(
                f"{name} {getattr(self, name)} was asked for; it is from {low:g} to {high:g}; choose such"
            )

    @property
    def triple(self) -> tuple[str, str, str]:
        """The combination that is held out as a whole: shape, material, environment."""
        return self.shape, self.material, self.environment
