"""Vectors with near-copies among them: `-m MODULE OUTPUT KIND DOCUMENTS WIDTH`.

isotropic: about topics in every direction alike (`benchmarks.vectors.corpus`). minilm: MiniLM's vectors of
real
texts, resampled: a text's vector plus half of a draw with the covariance of all, so that mean, spectrum and
the clumps of the real vectors remain; a tenth are near-copies of others.
"""

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring.inputs import INPUTS
from benchmarks.vectors import COPIES, LIMIT, corpus
from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines, unit_float16

TEXTS = 1024
SPREAD, COPY_SPREAD = 0.5, 0.25  # of the covariance's square root
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


def resampled(real: NDArray[np.float32], n_documents: int) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Draw vectors like real ones float32[m, d]: (float16[n, d], pairs above LIMIT int64[p, 2])."""
    draw = generator(0, "resampled", n_documents, *real.shape)
    centred = real - real.mean(axis=0)
    values, directions = np.linalg.eigh((centred.T @ centred / len(real)).astype(np.float64))
    root = (directions * np.sqrt(values.clip(0))).T.astype(np.float32)
    base = draw.integers(len(real), size=n_documents)
    rows = np.empty((n_documents, real.shape[1]), np.float32)
    for begin in range(0, n_documents, BLOCK_ROWS):
        some = base[begin : begin + BLOCK_ROWS]
        noise = draw.standard_normal((len(some), real.shape[1]), np.float32)
        rows[begin : begin + BLOCK_ROWS] = real[some] + SPREAD * (noise @ root)
    copies = draw.permutation(n_documents)[: 2 * int(COPIES * n_documents)].reshape(-1, 2)
    noise = draw.standard_normal((len(copies), real.shape[1]), np.float32) @ root
    rows[copies[:, 1]] = rows[copies[:, 0]] + COPY_SPREAD * noise
    vectors = unit_float16(rows)
    return vectors, copies[pair_cosines(vectors[copies[:, 0]], vectors[copies[:, 1]]) > LIMIT]


if __name__ == "__main__":
    output, kind, n_documents, width = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if kind == "minilm":
        vectors, pairs = resampled(encoded(), n_documents)
    else:
        drawn = corpus(kind, n_documents, width)
        vectors, pairs = drawn.vectors, drawn.planted
    np.save(output / "vectors.npy", vectors)
    np.save(output / "pairs.npy", pairs)
