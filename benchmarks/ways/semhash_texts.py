"""semhash's own way from JSON lines to JSON lines: read, encode, index, deduplicate, write."""

import json
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from semhash import SemHash

from benchmarks.ways.stopwatch import documents_of, work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    model_folder = json.loads((source / "models.json").read_text())["static"]
    with work(output, "semhash", "usearch", "vicinity", "model2vec", "numpy"):
        records = list(documents_of(source / "documents.jsonl"))
        index = SemHash.from_records(
            records, columns=["text"], model=StaticModel.from_pretrained(model_folder)
        )
        kept = index.self_deduplicate(threshold=float(sys.argv[3])).selected
        with (output / "kept.jsonl").open("w", encoding="utf-8") as sink:
            sink.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in kept)
    ids = {record["id"] for record in kept}
    np.save(output / "dropped.npy", np.array([record["id"] not in ids for record in records]))
