"""Train a small Llama on a mixture with the Trainer of transformers, and print how to report it to the lake.

    python examples/train_with_transformers.py LAKE RECIPE FOLDER

Needs `guyot[train]`, transformers and accelerate; no Dagster. Accelerate reads a batch ahead and gives each
process its batches: what was read is counted from steps here, and rank and world_size are left out.
"""

# ruff: noqa: T201  it prints

import json
import shlex
import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

import guyot

WINDOW, BATCH, STEPS = 64, 4, 8
SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def batch(windows: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Make a batch; the model shifts the labels by itself."""
    return dict.fromkeys(("input_ids", "labels"), torch.stack(windows))


if __name__ == "__main__":
    lake, folder = guyot.open_lake(sys.argv[1]), Path(sys.argv[3])
    dataset = lake.mixture(sys.argv[2]).torch_dataset(context_length=WINDOW, epochs=4, batch_size=BATCH)
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(lake.table("tokenizer")), **SIZES))
    arguments = TrainingArguments(
        str(folder), max_steps=STEPS, per_device_train_batch_size=BATCH, learning_rate=1e-2, logging_steps=1,
        report_to="none", save_strategy="no", disable_tqdm=True, use_cpu=True,
    )  # fmt: skip
    trainer = Trainer(model, arguments, data_collator=batch, train_dataset=dataset)
    trainer.train()
    trainer.save_model()
    (folder / "metrics.jsonl").write_text(
        "\n".join(json.dumps(logged) for logged in trainer.state.log_history)
    )
    said = f"--mixture {sys.argv[2]} --tokens {trainer.state.global_step * BATCH * WINDOW} --epochs 4"
    said += f" --context-length {WINDOW} --batch-size {BATCH} --metrics metrics.jsonl"
    print("guyot runs register", shlex.quote(folder.name), said, "--checkpoint model.safetensors")
