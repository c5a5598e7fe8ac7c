"""What a paper leads one to expect, beside what was measured, and a verdict for each direction."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.seeds import generator
from guyot.stats import HIGH_PERCENTILE, LOW_PERCENTILE
from guyot.train import Interval

HELD, NOT_SHOWN, FAILED, REPORTED = "held", "not shown (0 lies in the interval)", "DID NOT HOLD", "(reported)"
DRAWS = 2000
Direction = Literal["below 0", "above 0", "any"]


@dataclass(frozen=True)
class Expectation:
    """A difference, the direction that is expected of it, and what was measured."""

    claim: str
    direction: Direction
    measured: Interval

    @property
    def verdict(self) -> str:
        """Say whether the whole interval lies on the expected side; nothing is judged where any will do."""
        if self.direction == "any":
            return REPORTED
        sign = 1 if self.direction == "above 0" else -1
        low, high = sorted((sign * self.measured.low, sign * self.measured.high))
        return HELD if low > 0 else FAILED if high < 0 else NOT_SHOWN

    @property
    def text(self) -> str:
        """Write what was measured, with its sign."""
        found = self.measured
        return f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"


def bits_by_package(
    nats: NDArray[np.float64], bytes_: NDArray[np.int64], package: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """Return bits per byte, float64[1 + DRAWS]: of all files, then of packages drawn again.

    Files of a package are alike, so the bootstrap draws packages; with the same seed it draws the same.

    Parameters
    ----------
    nats, bytes_ : float64[n] and int64[n], of each scored file
    package : int64[n], a number for its package
    """
    packages, group = np.unique(package, return_inverse=True)
    drawn = generator(seed, "bootstrap-packages").integers(0, len(packages), (DRAWS, len(packages)))
    nats_in, bytes_in = (np.bincount(group, weights=column) for column in (nats, bytes_))
    spent, read = (np.append(column.sum(), column[drawn].sum(axis=1)) for column in (nats_in, bytes_in))
    return spent / read / np.log(2)


def difference(one: list[NDArray[np.float64]], other: list[NDArray[np.float64]]) -> Interval:
    """Subtract two arms, seed by seed and draw by draw, and put an interval around the mean over seeds.

    The bootstrap draws seeds, and within each of them one of its draws of packages.

    Parameters
    ----------
    one, other : for each seed float64[1 + DRAWS], from `bits_by_package` of the same files
    """
    found = np.array(one) - np.array(other)
    n_seeds = len(found)
    chosen = generator(0, "bootstrap-seeds").integers(0, n_seeds, (DRAWS, n_seeds))
    # each place of a sample takes a draw of its own, also where it takes the same seed
    draw = (np.arange(DRAWS)[:, None] + np.arange(n_seeds) * (DRAWS // n_seeds)) % DRAWS
    means = found[chosen, 1 + draw].mean(axis=1)
    low, high = np.percentile(means, (LOW_PERCENTILE, HIGH_PERCENTILE))
    return Interval(float(found[:, 0].mean()), float(low), float(high), n_seeds)


def over_seeds(values: list[float]) -> Interval:
    """Put an interval around the mean of one value per seed: Student's, since seeds are few.

    Parameters
    ----------
    values : 2 or more
    """
    from scipy.stats import t

    error = float(np.std(values, ddof=1)) / len(values) ** 0.5
    half = float(t.ppf(HIGH_PERCENTILE / 100, len(values) - 1)) * error
    mean = float(np.mean(values))
    return Interval(mean, mean - half, mean + half, len(values))


def by_seed(one: list[float], other: list[float]) -> Interval:
    """Subtract two arms seed by seed, and put an interval around the mean.

    Parameters
    ----------
    one, other : a value per seed, of the same seeds
    """
    return over_seeds([a - b for a, b in zip(one, other, strict=True)])
