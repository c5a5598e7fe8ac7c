"""Normals are smooth on round surfaces and keep edges; coordinates follow the axes."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.scenes.factors import SHAPES
from guyot.scenes.meshes import mesh, mesh_of
from guyot.scenes.solids import Solid, box


@pytest.mark.parametrize("name", SHAPES)
def test_normals_are_unit_and_look_the_way_of_their_triangle(name):
    found = mesh_of(name)
    assert all(np.isfinite(array).all() for array in (found.positions, found.normals, found.coordinates))
    assert np.linalg.norm(found.normals, axis=1) == pytest.approx(1)
    a, b, c = np.moveaxis(found.positions.reshape(-1, 3, 3), 1, 0)
    faces = np.cross(b - a, c - a)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    assert (np.einsum("ij,ij->i", np.repeat(faces, 3, 0), found.normals) > 0.7).all()


def test_a_sphere_is_smooth_and_a_box_is_not():
    sphere = mesh_of("sphere")
    outwards = (sphere.positions - np.array([0, 0, 0.5])) * 2
    assert np.abs(sphere.normals - outwards).max() < 0.02
    cube = mesh(box((1, 1, 1)))
    assert sorted(set(map(tuple, np.abs(np.round(cube.normals, 12)).tolist()))) == [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]


def test_a_box_has_the_coordinates_of_its_sides():
    found = mesh(box((0.8, 1.6, 2.4)))
    upper = found.normals[:, 2] > 0.5
    assert np.abs(found.coordinates[upper]).max(0) == pytest.approx([0.5, 1])
    side = found.normals[:, 0] > 0.5
    assert np.abs(found.coordinates[side]).max(0) == pytest.approx([1, 1.5])


def test_a_mesh_is_turned_scaled_and_moved():
    found = mesh(box((2, 1, 1))).moved(yaw=90, scale=2, by=(1, 2, 3))
    assert found.positions.min(0) == pytest.approx([0, 0, 2])
    assert found.positions.max(0) == pytest.approx([2, 4, 4])
    assert np.linalg.norm(found.normals, axis=1) == pytest.approx(1)


def test_a_triangle_without_area_is_told():
    flat = Solid(np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0.0]]), np.array([[0, 1, 2]]))
    with pytest.raises(ArrayError, match="1 of 1 triangles have no area"):
        mesh(flat)
