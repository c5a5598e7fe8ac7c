"""sentence-transformers with the same weights, the first 256 tokens of each text, batches of 64."""

import json
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.ways.stopwatch import texts_of, work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    texts = texts_of(source / "documents.jsonl")
    model = SentenceTransformer(json.loads((source / "models.json").read_text())["minilm"], device="cpu")
    model.max_seq_length = int(sys.argv[3])
    with work(output, "sentence-transformers", "torch", "transformers", "tokenizers", "numpy"):
        vectors = model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    np.save(output / "vectors.npy", vectors)
