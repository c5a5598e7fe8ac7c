"""Train on a mixture with plain PyTorch, and print the command by which the lake learns what was read.

    python examples/train_with_pytorch.py LAKE RECIPE FOLDER

Needs `guyot[train]` and safetensors; no Dagster. Weights, losses and the reader's state go to FOLDER.
"""

# ruff: noqa: T201  it prints

import itertools
import json
import shlex
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import guyot

if __name__ == "__main__":
    lake, folder = guyot.open_lake(sys.argv[1]), Path(sys.argv[3])
    dataset = lake.mixture(sys.argv[2]).torch_dataset(context_length=64, epochs=4, batch_size=4)
    torch.manual_seed(0)
    embedding = torch.nn.Embedding.from_pretrained(torch.randn(len(lake.table("tokenizer")), 32) / 8, False)
    layer = torch.nn.TransformerEncoderLayer(32, 2, 64, dropout=0.0, batch_first=True)  # causal by its mask
    model = torch.nn.ModuleDict({"embedding": embedding, "layer": layer})
    mask = torch.nn.Transformer.generate_square_subsequent_mask(63)
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=1e-2), []
    for windows in itertools.islice(torch.utils.data.DataLoader(dataset, batch_size=4), 8):
        logits = layer(embedding(windows[:, :-1]), mask, is_causal=True) @ embedding.weight.T
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(json.dumps({"step": len(losses), "loss": loss.item()}))
    print(*losses, sep="\n")
    folder.mkdir()
    save_file(model.state_dict(), folder / "model.safetensors")
    (folder / "metrics.jsonl").write_text("\n".join(losses))
    (folder / "state.json").write_text(json.dumps(dataset.state_dict()))
    files = {"state": "state.json", "metrics": "metrics.jsonl", "checkpoint": "model.safetensors"}
    said = [part for name, file in files.items() for part in (f"--{name}", str(folder / file))]
    print(shlex.join(["guyot", "runs", "register", folder.name, "--batch-size", "4", *said]))
