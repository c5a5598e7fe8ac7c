"""The runs that a soup is made of: their weights, and whether they go together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from assets.graph.reader import TableReader
from assets.train.inputs.initial_weights import WEIGHTS
from guyot.errors import SettingError
from guyot.train.soups import check_alike, init_warning
from resources.lake.manifest import Manifest

_SAME = ("model", "window_tokens", "classes")  # of which runs of texts, or of images, have some


@dataclass(frozen=True)
class Ingredient:
    """A run as an ingredient.

    key, run_id : recipe/seed, and the run
    record : its row of training_runs; config : the JSON of it
    content, weights : its safetensors file, and the named float32 arrays of it
    """

    key: str
    run_id: str
    record: dict[str, Any]
    config: dict[str, Any]
    content: bytes
    weights: dict[str, NDArray[Any]]


def read_ingredients(reader: TableReader, runs: Sequence[Manifest]) -> list[Ingredient]:
    """Read the runs of some versions of training_runs.

    Raises
    ------
    SettingError : they are of different architectures or tokenizers.
    CorruptError : weights that are not those of their manifest.
    """
    import safetensors.numpy

    found: list[Ingredient] = []
    for run in runs:
        (record,) = reader.table(run).to_pylist()
        content = reader.checked(run, WEIGHTS)
        weights = safetensors.numpy.load(content)
        found.append(
            Ingredient(run.key, record["run_id"], record, json.loads(record["config"]), content, weights)
        )
    for other in found[1:]:
        _check(found[0], other)
    if found:
        check_alike([one.weights for one in found], [one.key for one in found])
    return found


def warning_of(ingredients: Sequence[Ingredient]) -> str:
    """Say in words that runs do not share their initial weights; empty where they do."""
    return init_warning([one.record["init"] for one in ingredients])


def _check(first: Ingredient, other: Ingredient) -> None:
    """Refuse two runs that do not go together."""
    one, two = first.record["tokenizer_version"], other.record["tokenizer_version"]
    if one != two:
        raise SettingError(
            f"{first.key} reads tokens of tokenizer {one}, {other.key} of {two}: the same weight means "
            "another token; train both again"
        )
    for name in _SAME:
        one, two = (ingredient.config.get(name) for ingredient in (first, other))
        if one != two:
            raise SettingError(
                f"{first.key} and {other.key} are of different architectures: {name} is "
                f"{json.dumps(one)} and {json.dumps(two)}; train both with the "
                "same settings"
            )
