"""Vectors with near-copies among them: `-m MODULE OUTPUT KIND DOCUMENTS WIDTH`; a tenth are near-copies of
others.

isotropic: about as many topics as the square root of the documents, in every direction alike. minilm:
MiniLM's
vectors of real texts, resampled: a text's vector plus half of a draw with the covariance of all, so that
mean,
spectrum and the clumps of the real vectors remain.
"""

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring.inputs import INPUTS
from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines, unit_float16

TEXTS = 1024
SPREAD, COPY_SPREAD = 0.5, 0.25  # of the covariance's square root
ISOTROPIC_SPREAD = 0.9
COPIES, LIMIT = 0.1, 0.95
BLOCK_ROWS = 65_536


def encoded() -> NDArray[np.float32]:
    """Encode real texts, once for all sizes: float32[TEXTS, 384]."""
    from benchmarks.inputs.documents import minilm_folder
    from benchmarks.inputs.wikipedia import summaries
    from guyot.encoders.transformer_encoder import load

    kept = INPUTS / f"minilm-{TEXTS}.npy"
    if not kept.is_file():
        rows = load(minilm_folder(), max_tokens=128, n_windows=1).encode(summaries(TEXTS))
        beside = kept.with_name(f".making-{os.getpid()}-{kept.name}")
        np.save(beside, rows)
        beside.rename(kept)
    return np.load(kept)


def drawn(
    centres: NDArray[np.float32], root: NDArray[np.float32], spread: float, n_documents: int
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Draw documents about centres float32[t, d]: (vectors float16[n, d], pairs above LIMIT int64[p, 2]).

    root : float32[d, d] that turns normal draws into those with the covariance of all
    """
    draw = generator(0, "vectors", n_documents, *centres.shape)
    about = draw.integers(len(centres), size=n_documents)
    rows = np.empty((n_documents, centres.shape[1]), np.float32)
    for begin in range(0, n_documents, BLOCK_ROWS):
        some = about[begin : begin + BLOCK_ROWS]
        noise = draw.standard_normal((len(some), centres.shape[1]), np.float32)
        rows[begin : begin + BLOCK_ROWS] = centres[some] + spread * (noise @ root)
    copies = draw.permutation(n_documents)[: 2 * int(COPIES * n_documents)].reshape(-1, 2)
    noise = draw.standard_normal((len(copies), centres.shape[1]), np.float32) @ root
    rows[copies[:, 1]] = rows[copies[:, 0]] + COPY_SPREAD * noise
    vectors = unit_float16(rows)
    return vectors, copies[pair_cosines(vectors[copies[:, 0]], vectors[copies[:, 1]]) > LIMIT]


def root_of_covariance(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32[d, d]; normal draws times it have the covariance of rows float32[m, d]."""
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    values, directions = np.linalg.eigh(centred.T @ centred / len(rows))
    return (directions * np.sqrt(values.clip(0))).T.astype(np.float32)


if __name__ == "__main__":
    output, kind, n_documents, width = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if kind == "minilm":
        centres = encoded()
        vectors, pairs = drawn(centres, root_of_covariance(centres), SPREAD, n_documents)
    else:
        n_topics = max(2, round(n_documents**0.5))
        centres = generator(0, "topics", n_topics, width).standard_normal((n_topics, width), np.float32)
        vectors, pairs = drawn(centres, np.eye(width, dtype=np.float32), ISOTROPIC_SPREAD, n_documents)
    np.save(output / "vectors.npy", vectors)
    np.save(output / "pairs.npy", pairs)
