"""Density-based pruning on images: does it add anything to SemDeDup?

    python examples/papers/density_images.py [--quick]

Abbas et al. 2024 (arXiv:2401.04578): concepts that are dense and simple need few images, so what is left
after SemDeDup is cut by the complexity of its clusters. Here the images are rendered scenes of ten shapes,
of which every factor is known: a whole factorial, and for each shape a dense part of 1, 2, 4, 8 or 24
combinations of material and environment, dealt to the shapes anew by each seed. Each arm keeps as many, and
trains a small classifier of shapes, and a small model of images and captions, on as many images read. Tested
are combinations that were never trained (OOD), and other scenes of trained ones. The number of clusters and
the temperature are chosen by the classifier on a validation split of their own.
"""

# ruff: noqa: T201  it prints

import dataclasses
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from expectations import Direction, Expectation, by_seed
from findings import Findings, command
from numpy.typing import NDArray
from scene_pools import TEST, TRAIN, VALIDATION, ScenePool, pools

from guyot import Corpus
from guyot.images.square import square_pixels
from guyot.prune.density import Density
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.scenes.blocks import SceneSet
from guyot.scenes.captions import caption
from guyot.scenes.factors import SHAPES
from guyot.scenes.splits import OOD
from guyot.seeds import generator
from guyot.train.image_targets import CONTRASTIVE, LABEL, ImageObjective
from resources.models import image_evaluator, image_network
from resources.models.image_examples import ImageExamples
from resources.models.image_trainer import ImageTrainer
from resources.settings import Settings

KEPT, DEDUPLICATED = 0.3, 0.63  # the paper keeps 277 of 440 million after SemDeDup, and 84 to 222 in the end
RANDOM, SEMDEDUP, CONTROL, DENSITY, PROTOTYPES = (
    "random", "SemDeDup to size", "SemDeDup, then random", "SemDeDup, then density", "prototypes",
)  # fmt: skip
ARMS = (RANDOM, SEMDEDUP, CONTROL, DENSITY, PROTOTYPES)
OBJECTIVES: tuple[ImageObjective, ...] = (LABEL, CONTRASTIVE)
PAIRS = (
    (DENSITY, CONTROL), (DENSITY, SEMDEDUP), (DENSITY, PROTOTYPES), (CONTROL, RANDOM), (SEMDEDUP, RANDOM),
)  # fmt: skip
_VOCABULARY = 1024  # hashed words of captions
_SIDE = 48


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    choices : (clusters, temperature) among which the validation split chooses; the paper's temperature is .1
    """

    counts: SceneSet
    seeds: int
    images: int
    choices: tuple[tuple[int, float], ...]


FULL = Plan(
    SceneSet(draws=1, scenes_of_a_shape=20), seeds=5, images=3200,
    choices=((10, 0.1), (30, 0.1), (10, 0.03), (30, 0.03)),
)  # fmt: skip
QUICK = Plan(
    SceneSet(materials=3, environments=2, draws=1, complexities=(1, 4), scenes_of_a_shape=4), seeds=2,
    images=96, choices=((5, 0.1),),
)  # fmt: skip


@dataclass(frozen=True)
class Accuracies:
    """Shares of images of which the shape is told right, by split."""

    validation: float
    test: float
    ood: float


def recipe_of(arm: str, temperature: float, seed: int) -> Recipe:
    """Return what an arm does to the training images; all keep as many."""
    first = SemDeDup(keep_fraction=DEDUPLICATED)
    steps = {
        RANDOM: (Random(seed=seed),),
        SEMDEDUP: (SemDeDup(),),
        CONTROL: (first, Random(seed=seed)),
        DENSITY: (first, Density(temperature=temperature)),
        PROTOTYPES: (Prototypes(),),
    }
    return Recipe("arm", steps[arm], KEPT, "documents")


def kept_by(pool: ScenePool, arm: str, n_clusters: int, temperature: float, seed: int) -> NDArray[np.int64]:
    """Return the rows of the pool that an arm keeps to train on, ascending."""
    rows = pool.rows(TRAIN)
    corpus = Corpus.from_vectors(
        pool.vectors[rows].astype(np.float32), n_clusters=n_clusters, seed=seed, progress=False
    )
    return rows[corpus.prune(recipe_of(arm, temperature, seed)).mask]


def words(text: str) -> NDArray[np.int32]:
    """Return the hashed words of a caption.

    Examples
    --------
    >>> len(words("a golden mug")), words("mug")[0] == words("a golden mug")[2]
    (3, True)
    """
    return np.array([zlib.crc32(word.encode()) % _VOCABULARY for word in text.lower().split()], np.int32)


def examples_of(pool: ScenePool, rows: NDArray[np.int64], objective: ImageObjective) -> ImageExamples:
    """Return images with their shape, or with their caption."""
    pixels = np.stack([square_pixels(pool.pixels[row], _SIDE) for row in rows.tolist()])
    if objective == LABEL:
        return ImageExamples(pixels, [np.array([pool.shape[row]], np.int32) for row in rows])
    return ImageExamples(pixels, [words(pool.documents[row].caption) for row in rows])


def trained(
    pool: ScenePool, rows: NDArray[np.int64], objective: ImageObjective, images: int, seed: int
) -> Accuracies:
    """Train on some rows, in an order that the seed draws anew for each epoch, and test on the splits."""
    settings = Settings.of(training__images=images, training__image_side=_SIDE)
    draw = generator(seed, "image-order")
    order = np.concatenate([draw.permutation(len(rows)) for _ in range(-(-images // len(rows)))])[:images]
    n_outputs = len(SHAPES) if objective == LABEL else _VOCABULARY
    result = ImageTrainer(settings=settings).train(
        examples_of(pool, rows, objective), order, objective=objective, n_outputs=n_outputs, seed=seed
    )
    told = _labels_right if objective == LABEL else _captions_right
    return Accuracies(
        *(float(told(result.weights, result.config, pool, split)) for split in (VALIDATION, TEST, OOD))
    )


def _labels_right(weights: bytes, config: dict[str, Any], pool: ScenePool, split: str) -> float:
    """Return the share of images of which the classifier tells the shape."""
    found = image_evaluator.evaluate(weights, config, examples_of(pool, pool.rows(split), LABEL))
    return float(found.is_right.mean())


def _captions_right(weights: bytes, config: dict[str, Any], pool: ScenePool, split: str) -> float:
    """Return the share of images whose own caption is nearer than those with another shape in its place."""
    import torch

    rows = pool.rows(split)
    model = image_network.load_model(config["model"], weights)
    listed = [
        words(caption(dataclasses.replace(pool.documents[row].scene, shape=shape)))
        for row in rows.tolist() for shape in SHAPES
    ]  # fmt: skip
    with torch.inference_mode():
        images = image_network.image_outputs(model, examples_of(pool, rows, CONTRASTIVE), "float32")
        captions = image_network.caption_vectors(model, listed).view(len(rows), len(SHAPES), -1)
        likeliest = (captions @ images[:, :, None])[:, :, 0].argmax(dim=1).numpy()
    return float((likeliest == pool.shape[rows]).mean())


def chosen(every: list[ScenePool], plan: Plan) -> tuple[int, float]:
    """Choose clusters and temperature of density by the classifier's mean accuracy on validation."""
    if len(plan.choices) == 1:
        return plan.choices[0]
    found: dict[tuple[int, float], float] = {}
    for n_clusters, temperature in plan.choices:
        accuracies = [
            trained(
                pool, kept_by(pool, DENSITY, n_clusters, temperature, seed), LABEL, plan.images, seed
            ).validation
            for seed, pool in enumerate(every)
        ]
        found[n_clusters, temperature] = float(np.mean(accuracies))
        print(f"  {n_clusters} clusters, temperature {temperature}: validation "
              f"{_spread(accuracies)}", flush=True)  # fmt: skip
    return max(found, key=lambda choice: found[choice])


def measured(
    every: list[ScenePool], plan: Plan, n_clusters: int, temperature: float
) -> Iterator[tuple[str, ImageObjective, list[Accuracies], list[int]]]:
    """Train every arm with every seed: (arm, objective, accuracies, combinations kept of each seed)."""
    for arm in ARMS:
        kept = [kept_by(pool, arm, n_clusters, temperature, seed) for seed, pool in enumerate(every)]
        cells = [len(set(pool.cell[rows].tolist())) for pool, rows in zip(every, kept, strict=True)]
        for objective in OBJECTIVES:
            found = [
                trained(pool, rows, objective, plan.images, seed)
                for seed, (pool, rows) in enumerate(zip(every, kept, strict=True))
            ]
            ood, test = (_spread([getattr(one, name) for one in found]) for name in ("ood", "test"))
            print(f"  {arm:24} {objective:12} OOD {ood}, trained combinations {test}, of which it keeps "
                  f"{_spread(cells, 0)}", flush=True)  # fmt: skip
            yield arm, objective, found, cells


def main(plan: Plan) -> Findings:
    """Render, choose, train, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    every = pools(plan.counts, plan.seeds)
    sizes = [[len(pool.rows(split)) for split in (TRAIN, VALIDATION, TEST, OOD)] for pool in every]
    print(f"Scenes of each seed in training, validation, test and OOD: {sizes}", flush=True)
    print(f"Rendered and embedded, or read: {time.perf_counter() - begun:.0f} s", flush=True)
    n_clusters, temperature = chosen(every, plan)
    print(f"Chosen: {n_clusters} clusters, temperature {temperature}. Accuracy in percent, mean and "
          f"deviation of {plan.seeds} seeds, {plan.images:,} images read:")  # fmt: skip
    found: dict[tuple[str, str], list[Accuracies]] = {}
    cells: dict[str, list[int]] = {}
    for arm, objective, accuracies, kept in measured(every, plan, n_clusters, temperature):
        found[arm, objective], cells[arm] = accuracies, kept
    expectations: list[Expectation] = []
    for objective in OBJECTIVES:
        splits: tuple[tuple[str, Direction], ...] = (("ood", "above 0"), ("test", "any"))
        for split, direction in splits:
            for one, other in PAIRS:
                values = ([getattr(a, split) for a in found[arm, objective]] for arm in (one, other))
                named = "OOD" if split == "ood" else "trained combinations"
                claim = f"{objective}, {named}: {one} - {other}"
                expectations.append(Expectation(claim, direction, by_seed(*values)))
    more = all(one > other for one, other in zip(cells[SEMDEDUP], cells[RANDOM], strict=True))
    print(f"\nDifferences in accuracy, intervals over seeds; {time.perf_counter() - begun:.0f} s.")
    return Findings(
        expectations, directions={"SemDeDup keeps more combinations than random, with every seed": more},
        n_seeds=plan.seeds,
    )  # fmt: skip


def _spread(values: list[float] | list[int], digits: int = 1) -> str:
    """Write a mean with its standard deviation, shares in percent."""
    scale = 100 if digits else 1
    return f"{scale * np.mean(values):.{digits}f} +- {scale * np.std(values, ddof=1):.{digits}f}"


if __name__ == "__main__":
    command(main, FULL, QUICK)
