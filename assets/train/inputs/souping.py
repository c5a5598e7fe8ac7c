"""Makes soups of runs, and evaluates them on held-out documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.snapshot import snapshot_of
from assets.prune import epoch_schedules
from assets.train.inputs.held_out_image_parts import held_out_image_parts
from assets.train.inputs.held_out_parts import HeldOutPart, held_out_parts
from assets.train.inputs.image_tasks import task_of_run
from assets.train.inputs.ingredients import Ingredient, read_ingredients
from guyot.errors import SettingError
from guyot.stats import Interval
from guyot.train.metric import bits_per_byte
from guyot.train.soups import Barrier, Trial, Weights, barrier, greedy, learned, uniform
from resources.lake.manifest import WHOLE, Manifest
from resources.models.reproducibility import deterministic
from resources.setting_groups import IMAGE

BEST, UNIFORM, GREEDY, LEARNED, LEARNED_PER_LAYER, ENSEMBLE = (
    "best_ingredient", "uniform", "greedy", "learned", "learned_per_layer", "ensemble",
)  # fmt: skip
ALL = "all"
_EPOCHS, _MIN_UPDATES = 5, 100  # of learning shares; the paper has five epochs of more documents
BARRIER_POINTS = 5


@dataclass(frozen=True)
class Soup:
    """A soup of runs, or what it is compared with.

    weights : None of an ensemble, which is no model
    shares : by layer, `all` where it is one for the model, by run_id; 0 where a run is left out
    trials : of a greedy one, in order
    """

    method: str
    weights: Weights | None
    shares: dict[str, dict[str, float]]
    trials: tuple[Trial, ...] = ()

    @property
    def n_ingredients(self) -> int:
        """How many runs have a share in it."""
        return len({run for shares in self.shares.values() for run, share in shares.items() if share > 0})


@dataclass(frozen=True)
class Souping:
    """Runs that go together, and the documents that soups of them are chosen by.

    threads : that share one operation
    """

    ingredients: Sequence[Ingredient]
    choosing: HeldOutPart
    threads: int

    def bits(self, soup: Soup, part: HeldOutPart, *, draws: int, seed: int) -> Interval:
        """Evaluate a soup on a part, in bits per byte, or image, with an interval over documents."""
        if soup.weights is None:
            models, config = [one.content for one in self.ingredients], self.ingredients[0].config
            nats = part.ensemble_nats(models, config)
        else:
            nats = self._nats(soup.weights, part)
        return bits_per_byte(nats, part.scored_bytes, draws=draws, seed=seed)

    def make(self, method: str) -> Soup:
        """Make a soup by the documents that choose.

        Raises
        ------
        SettingError : no such method.
        """
        found = [one.weights for one in self.ingredients]
        everywhere = range(len(found))
        if method == UNIFORM:
            return Soup(method, uniform(found), {ALL: self._equal(everywhere)})
        if method == ENSEMBLE:
            return Soup(method, None, {ALL: self._equal(everywhere)})
        if method in (GREEDY, BEST):
            return self._greedy()[method]
        if method in (LEARNED, LEARNED_PER_LAYER):
            return self._learned(method)
        known = ", ".join((BEST, UNIFORM, GREEDY, LEARNED, LEARNED_PER_LAYER, ENSEMBLE))
        raise SettingError(f"method {method!r} was asked for; choose from {known}")

    def make_all(self) -> list[Soup]:
        """Make the soups of all methods, the best ingredient first and the ensemble last."""
        chosen = self._greedy()
        return [
            chosen[BEST],
            self.make(UNIFORM),
            chosen[GREEDY],
            *(self.make(method) for method in (LEARNED, LEARNED_PER_LAYER, ENSEMBLE)),
        ]

    def barriers(self) -> dict[tuple[int, int], Barrier]:
        """Measure the barrier in bits per byte, or image, between every two runs, on a sample."""
        sample = self.choosing.sample()
        found = [one.weights for one in self.ingredients]
        alone = [self._loss(weights, sample) for weights in found]
        return {
            (i, j): barrier(
                found[i], found[j], lambda weights: self._loss(weights, sample), BARRIER_POINTS,
                ends=(alone[i], alone[j]),
            )
            for i in range(len(found)) for j in range(i + 1, len(found))
        }  # fmt: skip

    def _greedy(self) -> dict[str, Soup]:
        """Make the greedy soup, and with it find the best ingredient."""
        found = [one.weights for one in self.ingredients]
        soup = greedy(found, lambda weights: -self._loss(weights, self.choosing))
        best = soup.trials[0].ingredient
        return {
            BEST: Soup(BEST, found[best], {ALL: self._equal([best])}),
            GREEDY: Soup(GREEDY, soup.weights, {ALL: self._equal(soup.ingredients)}, soup.trials),
        }

    def _learned(self, method: str) -> Soup:
        """Learn shares from a sample of what chooses."""
        first = self.ingredients[0]
        loss, n_batches = self.choosing.sample().mixture_loss(first.content, first.config)
        found = [one.weights for one in self.ingredients]
        with deterministic(self.threads):
            epochs = max(_EPOCHS, -(-_MIN_UPDATES // n_batches))
            soup = learned(found, loss, n_batches, per_layer=method == LEARNED_PER_LAYER, epochs=epochs)
        shares = {layer: self._named(values.tolist()) for layer, values in soup.shares.items()}
        return Soup(method, soup.weights, shares)

    def _equal(self, places: Sequence[int]) -> dict[str, float]:
        """Return equal shares of some ingredients."""
        return self._named([(place in places) / len(places) for place in range(len(self.ingredients))])

    def _named(self, shares: Sequence[float]) -> dict[str, float]:
        """Return shares by run_id."""
        return {one.run_id: float(share) for one, share in zip(self.ingredients, shares, strict=True)}

    def _loss(self, weights: Mapping[str, NDArray[Any]], part: HeldOutPart) -> float:
        """Return the bits per byte, or image, of weights."""
        nats = self._nats(weights, part)
        return float(nats.sum() / part.scored_bytes.sum() / np.log(2))

    def _nats(self, weights: Mapping[str, NDArray[Any]], part: HeldOutPart) -> NDArray[np.float64]:
        """Score the documents of a part."""
        import safetensors.numpy

        content = safetensors.numpy.save(dict(weights))
        return part.nats(content, self.ingredients[0].config)


def open_souping(
    lake: LakeResources, reader: TableReader, runs: Sequence[Manifest]
) -> tuple[Souping, HeldOutPart]:
    """Read runs, and what is held out of the first one's snapshot: (what makes soups, what is reported).

    Raises
    ------
    SettingError : runs of different architectures or tokenizers.
    EvaluationError : fewer than two documents are held out.
    MissingError : the lake does not hold what the first run consumed.
    """
    ingredients = read_ingredients(reader, runs)
    first = ingredients[0].record
    schedule = reader.pinned("epoch_schedules", first["recipe"], first["schedule_version"])
    snapshot = snapshot_of(epoch_schedules.mixture_of(reader, schedule))
    tokenizer = reader.pinned("tokenizer", WHOLE, first["tokenizer_version"])
    settings = lake.settings
    choosing, reported = (
        held_out_image_parts(
            reader, settings, snapshot, task_of_run(ingredients[0].config, schedule, tokenizer)
        )
        if settings.reading.documents == IMAGE
        else held_out_parts(reader, settings, snapshot, tokenizer)
    )
    return Souping(ingredients, choosing, settings.training.threads), reported
