"""Vectors of the benchmarks: documents about topics of uneven size, and near-copies of some of them.

Drawn block by block into a file, so that memory does not grow with them. Kinds:

    spectrum    variance falls along the directions as it does for MiniLM's vectors of 24,000 docstrings, and
                there is a mean; the participation ratio of the directions is 101
    isotropic   every direction varies alike
    steep       variance falls so fast that seven directions hold most of it
    encoded     vectors of texts, each moved by noise of their covariance until there are as many as asked for
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines, unit_float16
from guyot.vectors.widening import float32_of

LIMIT = 0.95
ENCODED = "encoded"
KINDS = ("spectrum", "isotropic", "steep", ENCODED)
_COPIES = 0.1  # of the documents
_SPREAD, _SPREAD_ENCODED = 0.9, 0.6  # of documents about a topic, whose own spread is 1
_UNEVEN = 0.5  # deviation of the logarithm of the topics' sizes
_APART = 0.19  # length of what sets a copy apart
_MEAN = 0.47  # length of the mean of all, beside the topics' spread
# deviation along some directions of 384, beside that along the first
_DIRECTIONS = (1, 4, 16, 32, 64, 128, 192, 256, 320, 384)
_DEVIATIONS = (1, 0.79, 0.535, 0.428, 0.335, 0.241, 0.18, 0.124, 0.067, 0.01)
_BLOCK_ROWS = 8192
Vectors = NDArray[np.float16]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Corpus:
    """Vectors, and near-copies among them: int64[p, 2], pairs with a cosine above LIMIT."""

    vectors: Vectors
    planted: NDArray[np.int64]

    @classmethod
    def read(cls, folder: Path) -> "Corpus":
        """Read what `write` wrote, all of it."""
        return cls(np.load(folder / "vectors.npy"), np.load(folder / "planted.npy"))

    def recall(self, similarity: Floats) -> float:
        """Return the share of planted pairs of which one would be dropped at LIMIT."""
        dropped = np.nan_to_num(similarity, nan=-1) > LIMIT
        return float(dropped[self.planted].any(axis=1).mean())


@dataclass(frozen=True)
class Topics:
    """What documents are about, and how they vary about it.

    centres : float32[t, d]
    share : float64[t], of the documents
    turn : float32[d, d], makes the noise of a document from numbers that are normal and independent
    spread : of that noise
    """

    centres: Floats
    share: NDArray[np.float64]
    turn: Floats
    spread: float


def topics(kind: str, n_documents: int, width: int, draw: np.random.Generator) -> Topics:
    """Draw the topics of a kind of vectors, as many as the square root of the documents."""
    n_topics = max(2, round(n_documents**0.5))
    rotation = np.linalg.qr(draw.standard_normal((width, width)))[0].astype(np.float32)
    turn = deviations(kind, width)[:, None] * rotation
    centres = draw.standard_normal((n_topics, width), np.float32) @ turn
    if kind == "spectrum":
        centres += np.float32(_MEAN) * rotation[width // 2]
    weights = np.exp(_UNEVEN * draw.standard_normal(n_topics))
    return Topics(centres, weights / weights.sum(), turn, _SPREAD)


def topics_of(encoded: Path) -> Topics:
    """Make each of some texts' vectors a topic."""
    rows = np.load(encoded).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    variance, directions = np.linalg.eigh(np.cov(rows.T))
    turn = (np.sqrt(np.maximum(variance, 0))[:, None] * directions.T).astype(np.float32)
    return Topics(rows, np.full(len(rows), 1 / len(rows)), turn, _SPREAD_ENCODED)


def deviations(kind: str, width: int) -> Floats:
    """Return how far documents vary along each direction: float32[d], of length 1."""
    number = 1 + np.arange(width)
    if kind == "isotropic":
        scale = np.ones(width)
    elif kind == "steep":
        scale = number**-0.7
    else:
        place = np.log(number * 384 / width)
        scale = np.exp(np.interp(place, np.log(_DIRECTIONS), np.log(_DEVIATIONS)))
    return (scale / np.linalg.norm(scale)).astype(np.float32)


def write(folder: Path, kind: str, n_documents: int, width: int, encoded: Path | None = None) -> None:
    """Draw vectors of a kind, and write them and the planted pairs."""
    draw = generator(0, "vectors", kind, n_documents, width)
    law = topics_of(encoded) if encoded else topics(kind, n_documents, width, draw)
    width = law.turn.shape[0]
    topic = draw.choice(len(law.centres), n_documents, p=law.share)
    vectors = np.lib.format.open_memmap(
        folder / "vectors.npy", "w+", dtype=np.float16, shape=(n_documents, width)
    )
    for begin in range(0, n_documents, _BLOCK_ROWS):
        some = topic[begin : begin + _BLOCK_ROWS]
        noise = draw.standard_normal((len(some), width), np.float32) @ law.turn
        vectors[begin : begin + len(some)] = unit_float16(law.centres[some] + law.spread * noise)
    copies = draw.permutation(n_documents)[: 2 * int(_COPIES * n_documents)].reshape(-1, 2)
    near = np.zeros(len(copies), np.bool_)
    for begin in range(0, len(copies), _BLOCK_ROWS):
        one, other = copies[begin : begin + _BLOCK_ROWS].T
        noise = draw.standard_normal((len(one), width), np.float32) @ law.turn
        vectors[other] = unit_float16(float32_of(vectors[one]) + _APART * noise)
        near[begin : begin + len(one)] = pair_cosines(vectors[one], vectors[other]) > LIMIT
    vectors.flush()
    np.save(folder / "planted.npy", copies[near])
