"""The blocks of scenes: which scenes are rendered, and what each of them is there to show.

factorial       every combination of shape, material and environment; what is not crossed is drawn, balanced
one_at_a_time   scenes, and for each of them all that differ from it in the level of one factor
duplicates      scenes with their known copies: other noise, turned a little, encoded with loss
complexity      shapes of known numbers of combinations, from one to many, dealt to the shapes by the seed
yaw             every shape at even turns, all else equal
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from guyot.errors import SettingError
from guyot.scenes.captions import caption
from guyot.scenes.factors import ENVIRONMENTS, LEVELS, MATERIALS, SHAPES, YAWS, Scene
from guyot.scenes.spec import spec_hash
from guyot.scenes.splits import held_out_triples, split_of
from guyot.seeds import generator

BLOCKS = ("factorial", "one_at_a_time", "duplicates", "complexity", "yaw")
YAW_VARIANTS = (0.5, 2.0, 8.0)  # degrees
_CROSSED = ("shape", "material", "environment")
_REPLICATES_OF_A_BLOCK = 100


@dataclasses.dataclass(frozen=True)
class SceneDocument:
    """A picture to be made of a scene: one row of `scene_specs`.

    encoding : of the picture, see `factors.ENCODINGS`; those of one scene are of one rendering
    variant : "" for a scene of its own; of a known copy what differs: noise, yaw+0.5, jpeg-90 ...
    duplicate_group : the hash that copies of one scene have in common
    complexity : in the block complexity the number of combinations that the shape has there; else 0
    """

    scene: Scene
    block: str
    split: str
    duplicate_group: str
    encoding: str = "png"
    variant: str = ""
    complexity: int = 0

    @property
    def spec_hash(self) -> str:
        """The key of the document."""
        return spec_hash(self.scene, self.encoding)

    @property
    def caption(self) -> str:
        """What the picture shows, in a sentence."""
        return caption(self.scene)


@dataclasses.dataclass(frozen=True)
class SceneSet:
    """How many scenes each block has.

    materials, environments : of the factorial, the first so many levels
    draws : scenes of each cell of the factorial
    bases : scenes that the block one_at_a_time varies
    groups : scenes of which the block duplicates has copies, nine documents each
    complexities : numbers of combinations in the block complexity, for the shapes in turn
    scenes_of_a_shape : in the block complexity
    yaw_shapes, yaws : of the block yaw, the first so many
    """

    materials: int = len(MATERIALS)
    environments: int = len(ENVIRONMENTS)
    draws: int = 2
    bases: int = 8
    groups: int = 40
    complexities: tuple[int, ...] = (1, 2, 4, 8, 24)
    scenes_of_a_shape: int = 30
    yaw_shapes: int = len(SHAPES)
    yaws: int = len(YAWS)


SETS: Mapping[str, SceneSet] = {
    "default": SceneSet(),
    "small": SceneSet(
        materials=4, environments=3, draws=1, bases=1, groups=8, complexities=(1, 2, 4), scenes_of_a_shape=4,
        yaw_shapes=2, yaws=8,
    ),
}  # fmt: skip


def documents(block: str, size: str | SceneSet = "default", seed: int = 0) -> tuple[SceneDocument, ...]:
    """List the pictures of a block, copies of a scene one after another, each with a key of its own.

    Parameters
    ----------
    block : of `BLOCKS`
    size : of `SETS`, or how many scenes
    seed : of all that is drawn

    Raises
    ------
    SettingError : there is no such block or size.

    Notes
    -----
    The pictures of a block depend on no other block. Milliseconds.

    Examples
    --------
    >>> [len(documents(block)) for block in BLOCKS]
    [960, 344, 360, 300, 80]
    >>> [len(documents(block, "small")) for block in BLOCKS]
    [120, 43, 72, 40, 16]
    """
    if block not in BLOCKS:
        raise SettingError(f"block {block!r} was asked for; choose from {', '.join(BLOCKS)}")
    if isinstance(size, str) and size not in SETS:
        raise SettingError(f"size {size!r} was asked for; choose from {', '.join(SETS)}")
    counts = SETS[size] if isinstance(size, str) else size
    first = BLOCKS.index(block) * _REPLICATES_OF_A_BLOCK  # so that no two blocks have one picture
    return tuple(
        _document(dataclasses.replace(scene, replicate=first + scene.replicate), block, seed, **rest)
        for scene, rest in _OF_BLOCK[block](counts, seed)
    )


_Drawn = tuple[Scene, dict[str, Any]]


def _document(
    scene: Scene, block: str, seed: int, *, base: Scene | None = None, **rest: Any
) -> SceneDocument:
    """Return the picture of a scene; its duplicate group is that of `base`, where it is a copy of that."""
    group = spec_hash(dataclasses.replace(base or scene, replicate=0))
    return SceneDocument(scene, block, split_of(base or scene, group, seed), group, **rest)


def _factorial(counts: SceneSet, seed: int) -> Iterator[_Drawn]:
    """Cross shape, material and environment, and draw the others."""
    cells = list(
        itertools.product(
            range(counts.draws), SHAPES, MATERIALS[: counts.materials], ENVIRONMENTS[: counts.environments]
        )
    )
    others = _balanced(len(cells), seed, "factorial", without=_CROSSED)
    for (_, *crossed), drawn in zip(cells, others, strict=True):
        yield Scene(**dict(zip(_CROSSED, crossed, strict=True)), **drawn), {}


def _one_at_a_time(counts: SceneSet, seed: int) -> Iterator[_Drawn]:
    """Vary each factor of some scenes alone."""
    for base in _scenes(counts.bases, seed, "one_at_a_time"):
        yield base, {}
        for factor, levels in LEVELS.items():
            for level in levels:
                if level != getattr(base, factor):
                    yield dataclasses.replace(base, **{factor: level}), {}


def _duplicates(counts: SceneSet, seed: int) -> Iterator[_Drawn]:
    """Copy some scenes in every way; encodings follow the scene that they are of."""
    for base in _scenes(counts.groups, seed, "duplicates"):
        yield base, {}
        for encoding in ("jpeg-90", "jpeg-50", "resize-64", "resize-48"):
            yield base, {"encoding": encoding, "variant": encoding}
        yield dataclasses.replace(base, replicate=1), {"variant": "noise"}
        for degrees in YAW_VARIANTS:
            turned = dataclasses.replace(base, yaw=(base.yaw + degrees) % 360)
            yield turned, {"variant": f"yaw+{degrees:g}", "base": base}


def _complexity(counts: SceneSet, seed: int) -> Iterator[_Drawn]:
    """Give each shape a number of combinations of material and environment, none of them held out."""
    stream = generator(seed, "scenes", "complexity")
    levels = list(itertools.islice(itertools.cycle(counts.complexities), len(SHAPES)))
    dealt = [levels[i] for i in _shuffled(stream, len(SHAPES))]
    others = _balanced(len(SHAPES) * counts.scenes_of_a_shape, seed, "complexity", without=(*_CROSSED, "yaw"))
    for shape, complexity in zip(SHAPES, dealt, strict=True):
        pairs = [
            (material, environment) for material, environment in itertools.product(MATERIALS, ENVIRONMENTS)
            if (shape, material, environment) not in held_out_triples(seed)
        ]  # fmt: skip
        chosen = [pairs[i] for i in _shuffled(stream, len(pairs))[:complexity]]
        yaws = stream.permutation(360)
        for i in range(counts.scenes_of_a_shape):
            material, environment = chosen[i % complexity]
            drawn: dict[str, Any] = {**next(others), "yaw": float(yaws[i])}
            yield (
                Scene(shape=shape, material=material, environment=environment, **drawn),
                {"complexity": complexity},
            )


def _yaw(counts: SceneSet, seed: int) -> Iterator[_Drawn]:
    """Turn every shape, in a material without a texture."""
    for shape in SHAPES[: counts.yaw_shapes]:
        for yaw in YAWS[: counts.yaws]:
            yield Scene(shape=shape, yaw=yaw), {}


def _scenes(n: int, seed: int, block: str) -> Iterator[Scene]:
    """Draw scenes, each factor balanced, of triples that are not held out."""
    for i, drawn in enumerate(_balanced(n, seed, block)):
        stream, scene = generator(seed, "scenes", block, i), Scene(**drawn)
        while scene.triple in held_out_triples(seed):
            material = MATERIALS[stream.integers(len(MATERIALS))]
            environment = ENVIRONMENTS[stream.integers(len(ENVIRONMENTS))]
            scene = dataclasses.replace(scene, material=material, environment=environment)
        yield scene


def _shuffled(stream: np.random.Generator, n: int) -> list[int]:
    """Return 0 to n - 1 in an order of the stream's."""
    return [int(i) for i in stream.permutation(n)]


def _balanced(n: int, seed: int, block: str, without: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Draw the levels of n scenes, each level of a factor as often as the others, or once more."""
    columns: dict[str, list[Any]] = {}
    for factor, levels in LEVELS.items():
        if factor not in without:
            stream = generator(seed, "scenes", block, factor)
            first = int(stream.integers(len(levels)))
            columns[factor] = [levels[(first + i) % len(levels)] for i in _shuffled(stream, n)]
    for i in range(n):
        yield {factor: values[i] for factor, values in columns.items()}


_OF_BLOCK: Mapping[str, Callable[[SceneSet, int], Iterator[_Drawn]]] = {
    "factorial": _factorial, "one_at_a_time": _one_at_a_time, "duplicates": _duplicates,
    "complexity": _complexity, "yaw": _yaw,
}  # fmt: skip
