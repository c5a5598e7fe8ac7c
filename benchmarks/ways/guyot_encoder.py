"""Guyot's encoders: a transformers model with windows of tokens, or a static model."""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.ways.stopwatch import texts_of, work
from guyot.encoders import static_encoder, transformer_encoder

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    models = json.loads((source / "models.json").read_text())
    texts = texts_of(source / "documents.jsonl")
    if sys.argv[3] == "static":
        encoder, packages = static_encoder.load(models["static"]), ["tokenizers", "numpy"]
    else:
        n_windows, max_tokens = int(sys.argv[4]), int(sys.argv[5])
        encoder = transformer_encoder.load(models["minilm"], max_tokens=max_tokens, n_windows=n_windows)
        packages = ["torch", "transformers", "tokenizers", "numpy"]
    with work(output, *packages):
        vectors = encoder.encode(texts)
    np.save(output / "vectors.npy", vectors)
