"""Trainings of tests that are done with a mixture's dataset alone, and an exact log of what it gave them."""

import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch

import guyot
from assets.graph.lake import LakeResources

Log = dict[str, set[tuple[int, int]]]  # doc_id -> (step, epoch)


def train_on_documents(
    lake: LakeResources, recipe: str, n_steps: int, *, ranks: int = 2, batch: int = 3, **how: Any
) -> tuple[Log, dict[str, Any]]:
    """Read whole documents on some ranks, step by step; return the log, and the state of the first rank."""
    mixture = guyot.open_lake(lake.store.root).mixture(recipe)
    datasets = [mixture.torch_dataset(rank, ranks, batch_size=batch, **how) for rank in range(ranks)]
    readers = [iter(dataset) for dataset in datasets]
    log: Log = defaultdict(set)
    for step in range(n_steps):
        for rank, reader in enumerate(readers):
            for turn, sample in enumerate(itertools.islice(reader, batch)):
                number = (step * batch + turn) * ranks + rank
                log[sample["doc_id"]].add((step, number // len(mixture)))
    return log, json.loads(json.dumps(datasets[0].state_dict()))


def train_on_tokens(
    lake: LakeResources, recipe: str, n_steps: int, *, batch: int, context_length: int, **how: Any
) -> tuple[Log, dict[str, Any], list[float]]:
    """Train a tiny model on windows; return the log of texts that one document has, a state, the losses."""
    mixture = guyot.open_lake(lake.store.root).mixture(recipe)
    dataset = mixture.torch_dataset(context_length=context_length, batch_size=batch, **how)
    model = torch.nn.Sequential(torch.nn.Embedding(300, 8), torch.nn.Linear(8, 300))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    stream: list[int] = []
    losses: list[float] = []
    reader = iter(dataset)
    for _ in range(n_steps):
        windows = torch.stack(list(itertools.islice(reader, batch)))
        stream += windows.flatten().tolist()
        loss = torch.nn.functional.cross_entropy(
            model(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    log = _log_of_stream(lake, mixture, stream, batch * context_length)
    return log, json.loads(json.dumps(dataset.state_dict())), losses


def _log_of_stream(lake: LakeResources, mixture: Any, stream: list[int], per_step: int) -> Log:
    """Find the documents in a stream of tokens by their beginnings, those whose tokens no other one has."""
    tokens: dict[tuple[int, ...], list[str]] = defaultdict(list)
    kept = set(mixture.kept["doc_id"].to_pylist())
    for shard in lake.shards():
        manifest = lake.store.required("quality_signals", shard)
        for row in lake.store.table(manifest, "token_ids.parquet").to_pylist():
            if row["doc_id"] in kept:
                tokens[tuple(row["ids"])].append(row["doc_id"])
    per_epoch = sum(len(ids) * len(names) for ids, names in tokens.items())
    (bos,) = {ids[0] for ids in tokens}
    begins = [place for place, token in enumerate(stream) if token == bos]
    log: Log = defaultdict(set)
    for begin, end in itertools.pairwise([*begins, len(stream)]):
        read = tuple(stream[begin:end])
        found = [n for ids, names in tokens.items() if ids[: len(read)] == read for n in names]
        if len(found) == 1:
            for place in range(begin, end):
                log[found[0]].add((place // per_step, place // per_epoch))
    return log


def write_json(path: Path, value: Any) -> Path:
    """Write a value as a JSON file."""
    path.write_text(json.dumps(value))
    return path
