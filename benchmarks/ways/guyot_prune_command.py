"""The command `guyot prune` from JSON lines to JSON lines, its start and end included."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.ways.stopwatch import documents_of, work

if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    recipe, encoder, *options = sys.argv[3:]
    if recipe.startswith("{"):
        (output / "recipe.json").write_text(recipe)
        recipe = str(output / "recipe.json")
    documents, kept = source / "documents.jsonl", output / "kept.jsonl"
    if encoder != "hashing":
        options += ["--encoder", json.loads((source / "models.json").read_text())[encoder]]
    command = [
        str(Path(sys.executable).with_name("guyot")),
        "prune",
        str(documents),
        "--recipe",
        recipe,
        *options,
    ]
    with work(output, "numpy", "faiss-cpu", "rensa"):
        subprocess.run(
            [*command, "--output", str(kept), "--dropped", str(output / "dropped.jsonl")], check=True
        )
    ids = {document["id"] for document in documents_of(kept)}
    np.save(output / "dropped.npy", np.array([one["id"] not in ids for one in documents_of(documents)]))
