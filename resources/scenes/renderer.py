"""Renders a scene with Mitsuba 3, variant scalar_rgb: a path tracer whose numbers are the same at every run.

One thread in a process and a box filter: with more threads and a filter wider than a pixel, sums of floats
are made in an order that depends on timing.
"""

import dataclasses
import functools
import importlib.metadata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.scenes.environments import environment
from guyot.scenes.factors import Scene
from guyot.scenes.meshes import Mesh, mesh_of
from guyot.scenes.spec import render_seed
from guyot.scenes.textures import texture

if TYPE_CHECKING:
    import mitsuba as mi

VARIANT = "scalar_rgb"
_FIELD_OF_VIEW, _DISTANCE, _AIM_HEIGHT = 40.0, 2.8, 0.54  # degrees, metres, metres
_OFFSETS = {"left": -0.36, "centre": 0.0, "right": 0.36}  # of the object, metres
_LAMPS = {"left": (-3.0, -2.2, 2.9), "right": (3.0, -2.2, 2.9), "above": (0.2, -0.4, 4.2)}
_LAMP_RADIANCE = (20.0, 19.0, 17.5)
_LAMP_SIDE, _FLOOR_SIDE, _TILE = (
    1.6,
    60.0,
    {"checker": 1.2, "grass": 1.6, "sand": 1.8, "marble": 2.0, "wood": 1.5},
)
_COLOURS = {"red": (0.62, 0.05, 0.045), "green": (0.06, 0.4, 0.09), "blue": (0.045, 0.12, 0.55),
            "yellow": (0.8, 0.58, 0.05)}  # fmt: skip
_TEXTURES = {"wood": "wood", "marble": "dark marble"}  # so that the marble floor does not hide a marble shape
_METALS = {"gold": "Au", "steel": "Cr"}
_ROUGHNESS = 0.2
_EXPOSURE = 0.7
_SHOULDER = 0.5  # of radiance, where white paper in even light has about 1


@dataclasses.dataclass(frozen=True)
class RenderSettings:
    """How every scene of a set is rendered; plain values that the manifest of the set has.

    side : of the picture, in pixels
    samples : paths of a pixel
    depth : surfaces of a path and the light at its end, at most
    """

    side: int = 96
    samples: int = 16
    depth: int = 3


def version() -> str:
    """Return the renderer's name and version, which decide pixels too; loads nothing."""
    return f"mitsuba {importlib.metadata.version('mitsuba')} {VARIANT}"


def render(scene: Scene, settings: RenderSettings) -> NDArray[np.uint8]:
    """Render a scene: uint8[side, side, 3], sRGB.

    Notes
    -----
    The first takes some seconds more, for loading; environments and materials are made once for a process.
    """
    mi = _mitsuba()
    azimuth = np.radians(scene.camera_azimuth)
    right = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    ahead = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    foot = right * _OFFSETS[scene.position]
    mesh = mesh_of(scene.shape).moved(yaw=scene.yaw, scale=scene.scale, by=(foot[0], foot[1], 0.0))
    lamp = _LAMPS[scene.light]
    loaded = mi.load_dict({
        "type": "scene",
        "integrator": {"type": "path", "max_depth": settings.depth},
        "sensor": _sensor(scene, ahead, settings),
        "environment": _environment(scene.environment),
        "floor": _floor(scene.floor),
        "object": _object(mesh, scene.material),
        "lamp": _lamp(right * lamp[0] + ahead * lamp[1] + np.array([0, 0, lamp[2]])),
    })  # fmt: skip
    linear = np.array(mi.render(loaded, seed=render_seed(scene), spp=settings.samples), np.float64)
    return _srgb(linear)


def _srgb(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Encode radiance as 8-bit sRGB; highlights above `_SHOULDER` are compressed, as film does."""
    value = np.maximum(linear, 0) * _EXPOSURE
    left = 1 - _SHOULDER
    value = np.where(
        value < _SHOULDER, value, 1 - left * np.exp(-(np.maximum(value, _SHOULDER) - _SHOULDER) / left)
    )
    encoded = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.rint(encoded * 255).astype(np.uint8)


@functools.cache
def _mitsuba() -> Any:
    """Load Mitsuba and its variant, once for a process."""
    import drjit
    import mitsuba as mi

    mi.set_variant(VARIANT)
    mi.set_log_level(mi.LogLevel.Error)
    drjit.set_thread_count(1)
    return mi


def _sensor(scene: Scene, ahead: NDArray[np.float64], settings: RenderSettings) -> Mapping[str, Any]:
    """Place the camera: it looks at the middle of an object of scale 1, so that the horizon shows above."""
    mi = _mitsuba()
    elevation = np.radians(scene.camera_elevation)
    target = np.array([0.0, 0.0, _AIM_HEIGHT])
    origin = target - ahead * _DISTANCE * np.cos(elevation) + np.array([0, 0, _DISTANCE * np.sin(elevation)])
    look = mi.ScalarTransform4f().look_at(origin.tolist(), target.tolist(), [0, 0, 1])
    film = {
        "type": "hdrfilm", "width": settings.side, "height": settings.side, "pixel_format": "rgb",
        "component_format": "float32", "rfilter": {"type": "box"},
    }  # fmt: skip
    return {
        "type": "perspective", "fov": _FIELD_OF_VIEW, "to_world": look, "film": film,
        "sampler": {"type": "multijitter"},
    }  # fmt: skip


@functools.lru_cache(maxsize=8)
def _environment(name: str) -> Any:
    """Make an environment's light; its middle column lies ahead, its first row above."""
    mi = _mitsuba()
    to_world = mi.ScalarTransform4f([[-1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    return mi.load_dict({"type": "envmap", "bitmap": mi.Bitmap(environment(name)), "to_world": to_world})


@functools.lru_cache(maxsize=8)
def _floor(name: str) -> Any:
    """Make a floor: a wide plane at z = 0."""
    mi = _mitsuba()
    repeats = _FLOOR_SIDE / _TILE[name]
    to_world = mi.ScalarTransform4f().scale([_FLOOR_SIDE / 2, _FLOOR_SIDE / 2, 1])
    return mi.load_dict({
        "type": "rectangle", "to_world": to_world,
        "bsdf": {"type": "diffuse", "reflectance": _texture(name, repeats)},
    })  # fmt: skip


def _texture(name: str, repeats: float) -> dict[str, Any]:
    """Describe a texture, which repeats so many times over coordinates from 0 to 1."""
    mi = _mitsuba()
    return {
        "type": "bitmap", "bitmap": mi.Bitmap(texture(name)), "raw": False,
        "to_uv": mi.ScalarTransform3f().scale([repeats, repeats]),
    }  # fmt: skip


@functools.lru_cache(maxsize=16)
def _material(name: str) -> Any:
    """Make an object's material; rough enough that 16 samples leave no bright pixels alone."""
    mi = _mitsuba()
    if name in _METALS:
        return mi.load_dict({
            "type": "roughconductor", "material": _METALS[name], "alpha": _ROUGHNESS, "distribution": "ggx",
        })  # fmt: skip
    diffuse = (
        {"type": "rgb", "value": list(_COLOURS[name])} if name in _COLOURS else _texture(_TEXTURES[name], 1.0)
    )
    return mi.load_dict({
        "type": "roughplastic", "alpha": _ROUGHNESS, "distribution": "ggx", "diffuse_reflectance": diffuse,
    })  # fmt: skip


def _object(mesh: Mesh, material: str) -> "mi.Mesh":
    """Make the object of its corners."""
    mi = _mitsuba()
    properties = mi.Properties()
    properties["mesh_bsdf"] = _material(material)
    n = len(mesh.positions)
    made = mi.Mesh("object", n, n // 3, has_vertex_normals=True, has_vertex_texcoords=True, props=properties)
    parameters = mi.traverse(made)
    parameters["vertex_positions"] = mesh.positions.ravel().astype(np.float32)
    parameters["vertex_normals"] = mesh.normals.ravel().astype(np.float32)
    parameters["vertex_texcoords"] = mesh.coordinates.ravel().astype(np.float32)
    parameters["faces"] = np.arange(n, dtype=np.uint32)
    parameters.update()
    return made


def _lamp(place: NDArray[np.float64]) -> Mapping[str, Any]:
    """Describe the lamp: a square that faces the object from outside the picture."""
    mi = _mitsuba()
    facing = mi.ScalarTransform4f().look_at(place.tolist(), [0, 0, 0.4], [0.1, 0.1, 1])
    half = _LAMP_SIDE / 2
    return {
        "type": "rectangle", "to_world": facing @ mi.ScalarTransform4f().scale([half, half, 1]),
        "emitter": {"type": "area", "radiance": {"type": "rgb", "value": list(_LAMP_RADIANCE)}},
    }  # fmt: skip
