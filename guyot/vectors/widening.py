"""Widens float16 to float32, exactly."""

import numpy as np
from numpy.typing import NDArray

_SIGN_AND_REST = np.int32(-0x70000001)  # bits of a float32 in which a shifted float16 may have ones
_BIAS = np.float32(2.0**112)  # between the exponents of the two
_MIN_FLOAT32 = np.array([1], np.int32).view(np.float32)


def float32_of(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """Widen finite float16 to float32, exactly, and several times faster than a cast.

    Parameters
    ----------
    vectors : float16[n, d], finite

    Returns
    -------
    float32[n, d]

    Notes
    -----
    Shifts sign, exponent and fraction to where float32 has them, then multiplies by the difference of
    the exponents' biases. Where this thread flushes subnormal numbers to zero it casts instead.

    Examples
    --------
    >>> float32_of(np.array([[0.5, -6e-8]], np.float16)).tolist()
    [[0.5, -5.960464477539063e-08]]
    """
    found = np.empty(vectors.shape, np.float32)
    float32_into(vectors, found)
    return found


def float32_into(vectors: NDArray[np.float16], out: NDArray[np.float32]) -> None:
    """Widen finite float16 to float32 as `float32_of` does, into memory that is there.

    Parameters
    ----------
    vectors : float16[n, d], finite
    out : float32[n, d], is written

    Examples
    --------
    >>> out = np.empty((1, 2), np.float32)
    >>> float32_into(np.array([[0.5, -6e-8]], np.float16), out)
    >>> out.tolist()
    [[0.5, -5.960464477539063e-08]]
    """
    if not (_MIN_FLOAT32 * _BIAS)[0]:
        out[:] = vectors
        return
    bits = out.view(np.int32)
    bits[:] = vectors.view(np.int16)
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, _SIGN_AND_REST, out=bits)
    np.multiply(out, _BIAS, out=out)
