"""A solid as a renderer takes it: corners of triangles with normals that keep creases, and coordinates."""

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.scenes.shapes import shape
from guyot.scenes.solids import Points, Solid

CREASE_DEGREES = 40.0
_TEXTURE_SIZE = 0.8  # of the unit shape, for one width of a texture


@dataclasses.dataclass(frozen=True)
class Mesh:
    """Triangles whose corners share nothing: corner 3 i + j is of triangle i.

    positions, normals : float64[3 m, 3]; normals are of unit length
    coordinates : float64[3 m, 2], of a texture that repeats
    """

    positions: Points
    normals: Points
    coordinates: Points

    def moved(self, *, yaw: float, scale: float, by: tuple[float, float, float]) -> "Mesh":
        """Return the mesh turned by degrees about z, scaled and moved; its texture is turned with it."""
        cosine, sine = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
        matrix = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
        return Mesh(self.positions @ matrix * scale + np.asarray(by), self.normals @ matrix, self.coordinates)


@functools.lru_cache(maxsize=16)
def mesh_of(name: str) -> Mesh:
    """Return the mesh of a shape, see `shapes.shape`.

    Raises
    ------
    ArrayError : the shape has a triangle without area.

    Examples
    --------
    >>> mesh_of("cube").positions.shape
    (36, 3)
    """
    return mesh(shape(name))


def mesh(solid: Solid) -> Mesh:
    """Return a solid's corners: the normal of each is smooth over edges of less than `CREASE_DEGREES`.

    A texture is laid on by the axis that a triangle faces most: planes meet in seams.

    Raises
    ------
    ArrayError : a triangle without area.

    Notes
    -----
    O(sum of squared numbers of triangles at a vertex): milliseconds.
    """
    corners = solid.vertices[solid.triangles]
    sums = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(sums, axis=1)
    if not np.isfinite(areas).all() or areas.min(initial=1.0) <= 0:
        raise ArrayError(f"{np.sum(~(areas > 0))} of {len(areas)} triangles have no area; leave them out")
    faces = sums / areas[:, None]
    angles = _angles(corners)
    one, other = _neighbours(solid.triangles)
    smooth = np.einsum("ij,ij->i", faces[one // 3], faces[other // 3]) > np.cos(np.radians(CREASE_DEGREES))
    normals = np.zeros((len(angles), 3))
    weighted = faces[other // 3] * angles[other, None]
    np.add.at(normals, one[smooth], weighted[smooth])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Mesh(corners.reshape(-1, 3), normals, _coordinates(corners, faces))


def _angles(corners: Points) -> NDArray[np.float64]:
    """Return the angle of each corner in its triangle: float64[3 m]."""
    after, before = np.roll(corners, -1, 1) - corners, np.roll(corners, 1, 1) - corners
    lengths = np.linalg.norm(after, axis=2) * np.linalg.norm(before, axis=2)
    return np.arccos(np.clip(np.einsum("ijk,ijk->ij", after, before) / lengths, -1, 1)).ravel()


def _neighbours(triangles: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair every corner with every corner at its vertex, itself too."""
    order = np.argsort(triangles.ravel(), kind="stable")
    counts = np.bincount(triangles.ravel())
    counts = counts[counts > 0]
    begins = np.cumsum(counts) - counts
    of_corner = np.repeat(counts, counts)
    one = np.repeat(order, of_corner)
    firsts = np.repeat(np.repeat(begins, counts), of_corner)
    within = np.arange(len(one)) - np.repeat(np.cumsum(of_corner) - of_corner, of_corner)
    return one, order[firsts + within]


def _coordinates(corners: Points, faces: Points) -> Points:
    """Project each triangle along the axis that it faces most."""
    axis = np.argmax(np.abs(faces) + np.array([2e-6, 1e-6, 0]), axis=1)  # ties by axis, whatever the rounding
    kept = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return (np.take_along_axis(corners, kept[:, None, :], axis=2) / _TEXTURE_SIZE).reshape(-1, 2)
