"""How a loss falls with data: power laws and exponentials, fitted and compared on points that no fit saw."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Form = Literal["power", "exponential"]
FORMS: tuple[Form, ...] = ("power", "exponential")
_STARTS = 8


@dataclass(frozen=True)
class Fit:
    """A curve of loss: c + a (P / first)^-b, or c + a exp(-(P - first) / s), by what was read, P bytes.

    first : the least amount that it was fitted to
    floor, height : c and a, what is left with endless data, and what is above it at first
    rate : b, or first / s
    """

    form: Form
    first: float
    floor: float
    height: float
    rate: float

    def __call__(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the loss after an amount."""
        times = amount / self.first
        falling = times**-self.rate if self.form == "power" else np.exp(-self.rate * (times - 1))
        return self.floor + self.height * falling

    def __str__(self) -> str:
        """Write it down."""
        if self.form == "power":
            return f"{self.floor:.3f} + {self.height:.3f} (P / {self.first / 1e6:.2f} MB)^-{self.rate:.3f}"
        scale = self.first / self.rate / 1e6
        return f"{self.floor:.3f} + {self.height:.3f} exp(-(P - {self.first / 1e6:.2f} MB) / {scale:.2f} MB)"


def fitted(form: Form, amount: NDArray[np.float64], loss: NDArray[np.float64]) -> Fit:
    """Fit a curve by least squares.

    Parameters
    ----------
    amount, loss : float64[p], 4 points or more, amounts above 0 and ascending

    Notes
    -----
    Given the rate, floor and height are a linear fit, with the floor at 0 or above; so one number is searched
    for, from several starts.

    Examples
    --------
    >>> amount = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    >>> str(fitted("power", amount * 1e6, 2 + amount**-0.5))
    '2.000 + 1.000 (P / 1.00 MB)^-0.500'
    """
    from scipy.optimize import minimize_scalar

    def of(log_rate: float) -> tuple[float, Fit]:
        unit = Fit(form, float(amount[0]), 0.0, 1.0, float(np.exp(log_rate)))(amount)
        floor, height = _linear(unit, loss)
        fit = Fit(form, float(amount[0]), floor, height, float(np.exp(log_rate)))
        return float(np.square(fit(amount) - loss).sum()), fit

    edges = np.linspace(np.log(1e-3), np.log(5), _STARTS + 1)
    tried = [
        minimize_scalar(lambda log_rate: of(log_rate)[0], bounds=pair, method="bounded").x
        for pair in zip(edges, edges[1:], strict=False)
    ]
    return min((of(float(log_rate)) for log_rate in tried), key=lambda found: found[0])[1]


def _linear(unit: NDArray[np.float64], loss: NDArray[np.float64]) -> tuple[float, float]:
    """Fit loss = floor + height x unit, neither below 0: (floor, height)."""
    from scipy.optimize import nnls

    floor, height = nnls(np.column_stack([np.ones_like(unit), unit]), loss)[0].tolist()
    return floor, height


def held_out_score(fit: Fit, amount: NDArray[np.float64], loss: NDArray[np.float64]) -> float:
    """Return Akaike's criterion of a fit over points that it did not see, lower is better.

    Parameters
    ----------
    amount, loss : float64[p]

    Examples
    --------
    >>> fit = Fit("power", 1.0, 0.0, 1.0, 1.0)
    >>> near, far = (held_out_score(fit, np.array([2.0]), np.array([loss])) for loss in (0.51, 0.6))
    >>> near < far
    True
    """
    mean_square = float(np.square(fit(amount) - loss).mean())
    return len(amount) * float(np.log(max(mean_square, np.finfo(np.float64).tiny)))
