"""Which scenes train a model, which choose, and which ask of combinations that it has never seen."""

import functools

from guyot.scenes.factors import ENVIRONMENTS, MATERIALS, SHAPES, Scene
from guyot.seeds import uniforms

OOD, VALIDATION, TRAIN = "ood", "validation", "train"
_HELD_OUT_FRACTION, _VALIDATION_FRACTION = 0.2, 0.1


@functools.lru_cache(maxsize=8)
def held_out_triples(seed: int) -> frozenset[tuple[str, str, str]]:
    """Return the (shape, material, environment) that are held out: a fifth of each shape's, rounded down.

    Of 48 combinations of material and environment each shape lacks 9; every material and every environment
    is trained with every shape's others, so that only the combination is new.

    Parameters
    ----------
    seed : which ones

    Examples
    --------
    >>> len(held_out_triples(0))
    90
    """
    found: set[tuple[str, str, str]] = set()
    for shape in SHAPES:
        triples = [(shape, material, environment) for material in MATERIALS for environment in ENVIRONMENTS]
        drawn = uniforms(seed, "held-out scenes", [" ".join(triple) for triple in triples])
        order = sorted(range(len(triples)), key=lambda i: drawn[i])
        found.update(triples[i] for i in order[: int(len(triples) * _HELD_OUT_FRACTION)])
    return frozenset(found)


def split_of(scene: Scene, duplicate_group: str, seed: int) -> str:
    """Return `ood` for a held-out triple, else `validation` for a tenth of duplicate groups, else `train`.

    Copies of one scene are in one split. Validation has combinations that are trained, in other scenes.

    Examples
    --------
    >>> split_of(Scene(), "a group", 0)
    'train'
    """
    if scene.triple in held_out_triples(seed):
        return OOD
    drawn = uniforms(seed, "validation scenes", [duplicate_group])[0]
    return VALIDATION if drawn < _VALIDATION_FRACTION else TRAIN
