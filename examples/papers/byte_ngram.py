"""A byte language model that trains in a blink: hashed n-grams, each order smoothed by the one below.

The probability of a byte after a context of c bytes is (count + STRENGTH x that after c - 1) / (count of
the context + STRENGTH), from the uniform one over 256 bytes upwards (MacKay and Peto 1995). A visit is
read by itself: no context reaches across its border. A visit that is repeated counts again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 6  # bytes, the predicted one included
STRENGTH = 4.0
SLOTS_PER_BYTE = 2.5  # of the training, then up to a power of two: about one slot in eight is taken
_MAX_SLOT_BITS = 26
_MARGIN = b"\0" * ORDER
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Reading:
    """Visits as the model reads them: joined, each behind zeros.

    at : int64[n_bytes], places of the visits' bytes
    sizes : int64[n], bytes of each visit
    slots : by order from 1, int32[n_places], the hash of the n-gram that ends at each place
    """

    at: NDArray[np.int64]
    sizes: NDArray[np.int64]
    slots: tuple[NDArray[np.int32], ...]


def read(visits: list[bytes]) -> Reading:
    """Hash every n-gram of every order."""
    joined = np.frombuffer(b"".join(_MARGIN + visit for visit in visits), np.uint8).astype(np.uint64)
    sizes = np.array([len(visit) for visit in visits])
    margins = np.repeat(np.arange(1, len(visits) + 1) * len(_MARGIN), sizes)
    grams, slots = np.zeros(len(joined), np.uint64), []
    for order in range(1, ORDER + 1):
        grams[order - 1 :] |= joined[: len(joined) - order + 1] << np.uint64(8 * (order - 1))
        mixed = (grams + np.uint64(order)) * _ODD
        mixed ^= mixed >> np.uint64(32)
        slots.append(((mixed * _ODD) >> np.uint64(64 - _MAX_SLOT_BITS)).astype(np.int32))
    return Reading(np.arange(len(margins)) + margins, sizes, tuple(slots))


def nats_of(train: Reading, test: Reading) -> NDArray[np.float64]:
    """Train on some visits and score others, float64[n]: a negative log-likelihood for each in `test`.

    Notes
    -----
    O(ORDER x bytes). The beginning of a visit is a context like any other; its end is an event that is
    never scored. Two n-grams of one slot count as one.

    Examples
    --------
    >>> seen, unseen = nats_of(read([b"abcabcabc"]), read([b"abcabc", b"xyzxyz"]))
    >>> bool(seen < unseen)
    True
    """
    begins = train.at[np.cumsum(train.sizes) - train.sizes] - 1
    counted = np.concatenate([train.at, begins])
    bits = min(_MAX_SLOT_BITS, int(np.ceil(np.log2(SLOTS_PER_BYTE * len(train.at)))))
    shift = np.int32(_MAX_SLOT_BITS - bits)
    probability = np.full(len(test.at), 1 / 256)
    context = np.full(len(test.at), len(counted))
    for train_slots, test_slots in zip(train.slots, test.slots, strict=True):
        table = np.bincount(train_slots[counted] >> shift, minlength=1 << bits)
        counts = table[test_slots >> shift]
        # a collision can count an n-gram more often than its context
        count = np.minimum(counts[test.at], context)
        probability = (count + STRENGTH * probability) / (context + STRENGTH)
        context = counts[test.at - 1]
    ends = np.cumsum([0, *test.sizes])
    return np.diff(np.concatenate([[0.0], np.cumsum(-np.log(probability))])[ends])
