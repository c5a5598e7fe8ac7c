"""Rendered scenes with their factors and vectors: rendered and encoded once, kept under build/."""

# ruff: noqa: T201  it prints

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor, factor_of
from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import floor_fraction
from guyot.encoders.pixel_encoder import ImageEncoder, PixelEncoder
from guyot.identity import fingerprint
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.scenes.blocks import SceneDocument, documents
from guyot.scenes.factors import ENVIRONMENTS, LEVELS, MATERIALS
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16
from resources.scenes.encodings import decode
from resources.scenes.finished import FinishedFolder
from resources.scenes.rendering import HowRendered, render_documents

CACHE = Path(__file__).resolve().parents[2] / "build" / "papers-scenes"
PIXELS, LITE0 = "pixels", "efficientnet-lite0"
SHARE = 0.8  # of groups and combinations that a seed draws
_HOW = HowRendered()


@dataclass(frozen=True)
class Pool:
    """Pictures, what is known of each, and their vectors.

    documents : n of them
    factors : of all, in the order of `guyot.scenes.factors.LEVELS`
    group : int64[n], known copies have one
    cell : int64[n], which combination of shape, material and environment it is
    """

    documents: tuple[SceneDocument, ...]
    factors: dict[str, Factor]
    group: NDArray[np.int64]
    cell: NDArray[np.int64]

    @classmethod
    def of(cls, chosen: Sequence[SceneDocument]) -> "Pool":
        """Gather what is known."""
        factors = {name: factor_of(name, [getattr(one.scene, name) for one in chosen]) for name in LEVELS}
        groups = [one.duplicate_group for one in chosen]
        cells = ["/".join(one.scene.triple) for one in chosen]
        group, cell = (np.unique(names, return_inverse=True)[1] for names in (groups, cells))
        return cls(tuple(chosen), factors, group, cell)

    @property
    def block(self) -> NDArray[np.str_]:
        """The block of each picture."""
        return np.array([one.block for one in self.documents])

    @property
    def variant(self) -> NDArray[np.str_]:
        """What a copy differs by; empty of an original."""
        return np.array([one.variant for one in self.documents])


def pool(size: str, materials: int, environments: int) -> Pool:
    """Choose the scenes: duplicates, turns, and the cells of the first materials and environments.

    Parameters
    ----------
    size : of `guyot.scenes.blocks.SETS`
    """
    wanted = set(MATERIALS[:materials]), set(ENVIRONMENTS[:environments])
    crossed = [
        one for one in documents("factorial", size)
        if one.scene.material in wanted[0] and one.scene.environment in wanted[1]
    ]  # fmt: skip
    return Pool.of([*documents("duplicates", size), *documents("yaw", size), *crossed])


@dataclass(frozen=True)
class Drawn:
    """Some of the pool, each document with its nearest earlier one, as SemDeDup orders them.

    rows : int64[m], of the pool
    cluster, distance, centroids : of the clustering of these
    nearest : float32[m], distance of the nearest earlier document; 2 where none is
    witness : int64[m], that one, among these; -1 where none is
    """

    rows: NDArray[np.int64]
    vectors: NDArray[np.float16]
    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]
    centroids: NDArray[np.float16]
    nearest: NDArray[np.float32]
    witness: NDArray[np.int64]

    @classmethod
    def of(cls, rows: NDArray[np.int64], every: NDArray[np.float16], seed: int) -> "Drawn":
        """Cluster documents, and compare each with all that are farther from their centroid."""
        own = every[rows]
        settings = KMeansSettings(max(2, round(len(rows) ** 0.5)), 20, 256, seed)
        centroids = kmeans(own, settings).vectors
        found = assign(own, centroids)
        order = rank(found.distance)
        earlier = nearest_predecessors(own[order])
        nearest, witness = np.full(len(rows), 2.0, np.float32), np.full(len(rows), -1)
        has = earlier.witness >= 0
        nearest[order[has]] = 1 - earlier.similarity[has]
        witness[order[has]] = order[earlier.witness[has]]
        return cls(rows, own, found.cluster, found.distance, centroids, nearest, witness)


def drawn_rows(found: Pool, blocks: tuple[str, ...], seed: int, *, others: bool = False) -> NDArray[np.int64]:
    """Draw a share of the groups of duplicates and of the combinations, or take the others."""
    kept = np.zeros(len(found.documents), np.bool_)
    for name, unit in (("duplicates", found.group), ("factorial", found.cell)):
        if name in blocks:
            mine = found.block == name
            units = np.unique(unit[mine])
            some = generator(seed, "pool", name).permutation(units)[: floor_fraction(len(units), SHARE)]
            kept |= mine & (np.isin(unit, some) != others)
    return np.flatnonzero(kept)


def pictures(found: Pool) -> list[bytes]:
    """Return the file of each picture; those that were never rendered are rendered now."""
    begun = time.perf_counter()
    files = render_documents(found.documents, _HOW, FinishedFolder(CACHE), "scenes of the pool")
    print(f"{len(files)} pictures in {time.perf_counter() - begun:.0f} s", flush=True)
    return files


def vectors(found: Pool, encoder: str) -> NDArray[np.float16]:
    """Return the unit vector of each picture, float16[n, d]; encoded once for the same pictures."""
    model = _encoder(encoder)
    hashes = [one.spec_hash for one in found.documents]
    kept = CACHE / f"{fingerprint([hashes, _HOW.identity(), model.id])}.npy"
    if not kept.is_file():
        files = pictures(found)
        begun = time.perf_counter()
        rows = unit_float16(model.encode(decode(file) for file in files))
        print(f"{encoder}: {len(rows) / (time.perf_counter() - begun):.1f} pictures/s", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(kept, rows, allow_pickle=False)
    return np.load(kept, allow_pickle=False)


def _encoder(name: str) -> ImageEncoder:
    """Load an encoder of images; that with weights only where it is asked for."""
    if name == PIXELS:
        return PixelEncoder()
    from guyot.encoders.image_encoder import TransformerImageEncoder
    from resources.models import image_model, lite0

    model = image_model.image_model(lite0.converted(), name)
    return TransformerImageEncoder(model, image_model.id_of(model))
