"""model2vec with the same static model, the first 512 tokens of each text (`cut`) or all of it (`whole`)."""

import json
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel

from benchmarks.ways.stopwatch import texts_of, work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    texts = texts_of(source / "documents.jsonl")
    model = StaticModel.from_pretrained(json.loads((source / "models.json").read_text())["static"])
    max_length = {"cut": 512, "whole": None}[sys.argv[3]]
    with work(output, "model2vec", "tokenizers", "numpy"):
        vectors = model.encode(texts, max_length=max_length, show_progress_bar=False)
    np.save(output / "vectors.npy", vectors)
