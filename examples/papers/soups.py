"""Model soups: averages of models that share a warm-up are good models, averages of others are none.

    python examples/papers/soups.py [--quick]

Wortsman et al. 2022 (arXiv:2203.05482). A small network reads handwritten digits that are shifted by a pixel;
its ingredients differ in learning rate, data and order. They begin with one common network that was warmed up
on unshifted digits, with one common random network, or each with a random network of its own that was warmed
up like the common one. A part of the digits trains, one chooses, and figures are of the third.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
import torch
from digit_network import Part, accuracy_of, logits, loss_of, outputs, random_weights, trained
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from threadpoolctl import threadpool_limits

from guyot.seeds import generator
from guyot.train.soups import Weights, average, barrier, greedy, learned, lowest_cosine, uniform

WARM, COLD, APART = "shared warm-up", "shared init", "different inits"
ARMS = (WARM, COLD, APART)
WARMUP_EPOCHS = 20
FIGURES = ("mean", "best", "uniform", "greedy", "learned", "ensemble")


@dataclass(frozen=True)
class Plan:
    """How much is trained."""

    seeds: int
    ingredients: int


FULL, QUICK = Plan(seeds=10, ingredients=6), Plan(seeds=5, ingredients=4)


@dataclass(frozen=True)
class Digits:
    """The parts: one trains, unshifted in the warm-up; one chooses; one is reported."""

    unshifted: Part
    train: Part
    choosing: Part
    reported: Part


@dataclass(frozen=True)
class Measured:
    """An arm with one seed.

    accuracy, loss : by figure, on the reported part; the ensemble has no loss
    barrier : mean over pairs of ingredients, in nats of the reported loss
    cosine : the lowest between two ingredients
    n_greedy : ingredients of the greedy soup
    greedy_is_no_worse : than the best ingredient, where it was chosen
    any_order_is_the_same : to the bit, of the uniform soup
    """

    accuracy: dict[str, float]
    loss: dict[str, float]
    barrier: float
    cosine: float
    n_greedy: int
    greedy_is_no_worse: bool
    any_order_is_the_same: bool


def digits_of(seed: int) -> Digits:
    """Divide the digits at random, half of them to train."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = (found.images / 16).astype(np.float32)
    moved = np.roll(images, (1, 1), (1, 2)).reshape(-1, 64)
    order = generator(seed, "digits").permutation(len(images))
    half, most = len(order) // 2, len(order) * 3 // 4
    parts = order[:half], order[half:most], order[most:]
    shifted = [Part(moved[rows], found.target[rows].astype(np.int64)) for rows in parts]
    return Digits(Part(images.reshape(-1, 64)[parts[0]], shifted[0].labels), *shifted)


def ingredients_of(arm: str, digits: Digits, seed: int, n_ingredients: int) -> list[Weights]:
    """Train the ingredients of an arm; what warms up reads as much in all."""
    found: list[Weights] = []
    for number in range(n_ingredients):
        begin = random_weights(seed, number if arm == APART else 0)
        if arm != COLD:
            order = (seed, 1000 + (number if arm == APART else 0))
            begin = trained(begin, digits.unshifted, WARMUP_EPOCHS, 2e-3, order)
        learning_rate = 1e-3 * 2 ** (2 * float(generator(seed, "learning-rate", number).random()))
        epochs = 15 + 5 * (number % 3) + (WARMUP_EPOCHS if arm == COLD else 0)
        found.append(trained(begin, digits.train, epochs, learning_rate, (seed, number)))
    return found


def measured(arm: str, digits: Digits, seed: int, n_ingredients: int) -> Measured:
    """Train the ingredients, and make and evaluate the soups."""
    found = ingredients_of(arm, digits, seed, n_ingredients)
    images, labels = torch.from_numpy(digits.choosing.images), torch.from_numpy(digits.choosing.labels)
    soup = greedy(found, lambda weights: accuracy_of(dict(weights), digits.choosing))
    shares = learned(
        found,
        lambda weights, _: torch.nn.functional.cross_entropy(logits(weights, images), labels),
        1,
        epochs=60,
    )
    models = {
        "best": average([found[soup.trials[0].ingredient]], [1]), "uniform": uniform(found),
        "greedy": soup.weights, "learned": shares.weights,
    }  # fmt: skip
    accuracy = {name: accuracy_of(weights, digits.reported) for name, weights in models.items()}
    loss = {name: loss_of(weights, digits.reported) for name, weights in models.items()}
    accuracy["mean"] = float(np.mean([accuracy_of(weights, digits.reported) for weights in found]))
    loss["mean"] = float(np.mean([loss_of(weights, digits.reported) for weights in found]))
    together = torch.stack([outputs(weights, digits.reported) for weights in found]).mean(0)
    accuracy["ensemble"] = float((together.argmax(1).numpy() == digits.reported.labels).mean())
    heights = [
        barrier(one, other, lambda weights: loss_of(dict(weights), digits.reported)).height
        for place, one in enumerate(found) for other in found[:place]
    ]  # fmt: skip
    return Measured(
        accuracy, loss, float(np.mean(heights)), lowest_cosine(found), len(soup.ingredients),
        soup.score >= max(trial.alone for trial in soup.trials),
        all(np.array_equal(models["uniform"][name], array) for name, array in uniform(found[::-1]).items()),
    )  # fmt: skip


def expectations(results: dict[str, list[Measured]]) -> list[Expectation]:
    """List the directions."""

    def accuracy(arm: str, figure: str) -> list[float]:
        return [one.accuracy[figure] for one in results[arm]]

    def loss(arm: str, figure: str) -> list[float]:
        return [one.loss[figure] for one in results[arm]]

    def barriers(arm: str) -> list[float]:
        return [one.barrier for one in results[arm]]

    return [
        Expectation(f"{APART}, loss: uniform - mean of ingredients", "above 0",
                    by_seed(loss(APART, "uniform"), loss(APART, "mean"))),
        Expectation(f"{APART}, accuracy: uniform - mean of ingredients", "below 0",
                    by_seed(accuracy(APART, "uniform"), accuracy(APART, "mean"))),
        Expectation(f"accuracy of uniform: {WARM} - {APART}", "above 0",
                    by_seed(accuracy(WARM, "uniform"), accuracy(APART, "uniform"))),
        Expectation(f"{WARM}, accuracy: uniform - mean of ingredients", "above 0",
                    by_seed(accuracy(WARM, "uniform"), accuracy(WARM, "mean"))),
        Expectation(f"{WARM}, loss: uniform - mean of ingredients", "below 0",
                    by_seed(loss(WARM, "uniform"), loss(WARM, "mean"))),
        Expectation(f"barrier: {APART} - {WARM}", "above 0", by_seed(barriers(APART), barriers(WARM))),
        Expectation(f"barrier: {COLD} - {WARM}", "any", by_seed(barriers(COLD), barriers(WARM))),
        *(Expectation(f"{WARM}, accuracy: {figure} - best ingredient", "any",
                      by_seed(accuracy(WARM, figure), accuracy(WARM, "best")))
          for figure in ("uniform", "greedy", "learned", "ensemble")),
    ]  # fmt: skip


def main(chosen: Plan) -> Findings:
    """Measure and tell."""
    begun = time.perf_counter()
    results: dict[str, list[Measured]] = {arm: [] for arm in ARMS}
    for seed in range(chosen.seeds):
        digits = digits_of(seed)
        for arm in ARMS:
            results[arm].append(measured(arm, digits, seed, chosen.ingredients))
    print(f"{len(digits.train.labels)} digits train, {len(digits.choosing.labels)} choose, "
          f"{len(digits.reported.labels)} are reported; {chosen.ingredients} ingredients\n")  # fmt: skip
    head = " ".join(f"{name:>8}" for name in FIGURES)
    print(f"accuracy         {head}  barrier  lowest cosine  in the greedy soup")
    for arm, found in results.items():
        row = " ".join(f"{over_seeds([one.accuracy[name] for one in found]).value:8.3f}" for name in FIGURES)
        height, n_greedy = np.mean([one.barrier for one in found]), np.mean([one.n_greedy for one in found])
        print(f"{arm:16} {row}  {height:7.3f}  {min(one.cosine for one in found):6.2f} to "
              f"{max(one.cosine for one in found):4.2f}  {n_greedy:18.1f}")  # fmt: skip
    print(f"\nMeans over {chosen.seeds} seeds, Student's intervals over them; "
          f"{time.perf_counter() - begun:.0f} s.")  # fmt: skip
    exact = {f"{arm}: greedy is no worse than the best ingredient where it was chosen":
             all(one.greedy_is_no_worse for one in found) for arm, found in results.items()}  # fmt: skip
    exact["all: the uniform soup is the same in any order, to the bit"] = all(
        one.any_order_is_the_same for found in results.values() for one in found
    )
    gate = f"{APART}, loss: uniform - mean of ingredients"
    return Findings(expectations(results), exact, gate=gate, n_seeds=chosen.seeds)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with threadpool_limits(1):
        command(main, FULL, QUICK)
