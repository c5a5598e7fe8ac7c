"""Rendered scenes as pools to prune: a whole factorial, and shapes of known complexity, dealt by each seed.

Scenes are rendered once for a machine, into build/papers/scenes, and so are their vectors.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.identity import fingerprint
from guyot.scenes.blocks import SceneDocument, SceneSet, documents
from guyot.scenes.factors import SHAPES
from guyot.scenes.splits import OOD, split_of
from guyot.seeds import uniforms
from guyot.vectors.exact import unit_float16
from resources.models.lite0 import converted
from resources.scenes import encodings
from resources.scenes.finished import FinishedFolder
from resources.scenes.renderer import RenderSettings
from resources.scenes.rendering import HowRendered, render_documents

FOLDER = Path(__file__).resolve().parents[2] / "build" / "papers" / "scenes"
HOW = HowRendered(RenderSettings(side=64))
VALIDATION, TEST, TRAIN = "validation", "test", "train"
_HELD_OUT_SHARE = 0.15  # of the scenes whose combination is trained, for validation and for the test alike


@dataclass(frozen=True)
class ScenePool:
    """The scenes of one seed.

    pixels : uint8[n, 64, 64, 3]; vectors : float16[n, 1280], of unit length
    shape : int64[n], what is to be told; cell : int64[n], the combination of shape, material, environment
    split : n of train, validation, test and ood, a combination that is never trained
    complexity : int64[n], how many combinations the shape has in its dense part; 0 of the factorial
    """

    documents: tuple[SceneDocument, ...]
    pixels: NDArray[np.uint8]
    vectors: NDArray[np.float16]
    shape: NDArray[np.int64]
    cell: NDArray[np.int64]
    split: NDArray[np.str_]
    complexity: NDArray[np.int64]

    def rows(self, split: str) -> NDArray[np.int64]:
        """Return the rows of a split."""
        return np.flatnonzero(self.split == split)


def scenes(counts: SceneSet, seed: int) -> tuple[SceneDocument, ...]:
    """List a seed's scenes: the factorial, which is the same for all seeds, and its own complexities."""
    return (*documents("factorial", counts), *documents("complexity", counts, seed))


def splits(listed: tuple[SceneDocument, ...], seed: int) -> NDArray[np.str_]:
    """Divide scenes: combinations that the seed holds out, and of the factorial's others two parts.

    The dense scenes are for training alone: they are many of few combinations.
    """
    groups = [one.duplicate_group for one in listed]
    drawn = uniforms(seed, "pool-splits", groups).tolist()
    found: list[str] = []
    for one, place in zip(listed, drawn, strict=True):
        if split_of(one.scene, one.duplicate_group, seed) == OOD:
            found.append(OOD)
        elif one.block == "factorial" and place < 2 * _HELD_OUT_SHARE:
            found.append(VALIDATION if place < _HELD_OUT_SHARE else TEST)
        else:
            found.append(TRAIN)
    return np.array(found)


def pools(counts: SceneSet, n_seeds: int, folder: Path = FOLDER) -> list[ScenePool]:
    """Render and embed what is missing, and return the pool of each seed."""
    listed = [scenes(counts, seed) for seed in range(n_seeds)]
    every = tuple(dict.fromkeys(one for of_seed in listed for one in of_seed))
    files = render_documents(every, HOW, FinishedFolder(folder / "rendered"), "scenes")
    pixels = np.stack([encodings.decode(file) for file in files])
    vectors = embedded(every, pixels, folder)
    at = {one: row for row, one in enumerate(every)}
    found: list[ScenePool] = []
    for seed, of_seed in enumerate(listed):
        rows = np.array([at[one] for one in of_seed])
        cells = {one.scene.triple: number for number, one in enumerate(every)}
        found.append(
            ScenePool(
                of_seed, pixels[rows], vectors[rows],
                np.array([SHAPES.index(one.scene.shape) for one in of_seed]),
                np.array([cells[one.scene.triple] for one in of_seed]),
                splits(of_seed, seed),
                np.array([one.complexity for one in of_seed]),
            )
        )  # fmt: skip
    return found


def embedded(
    listed: tuple[SceneDocument, ...], pixels: NDArray[np.uint8], folder: Path
) -> NDArray[np.float16]:
    """Return the vectors of EfficientNet-Lite0, float16[n, 1280] of unit length, computed once."""
    from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder

    identity = fingerprint([HOW.identity(), converted().name, [one.spec_hash for one in listed]])
    kept = folder / f"vectors-{identity}.npy"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        found = unit_float16(TransformerImageEncoder(ImageModel(converted())).encode(pixels))
        work = kept.with_suffix(".work.npy")
        np.save(work, found)
        work.replace(kept)
    return np.load(kept)
