"""What reading a mixture costs: core-seconds of its torch dataset, of pyarrow alone, of MosaicML Streaming.

    .venv/bin/python benchmarks/loader.py [--documents 400000] [--keep 1 0.5] [--rounds 5] [--mosaicml PYTHON]

A lake of documents of random tokens is written as its assets would write it. Each way reads all that is kept,
once, in a fresh process, in turn; the page cache is warm, and one thread works:

- pyarrow: the token ids of the same Parquet rows in file order, batch by batch, dropped ones filtered out;
- windows: these, made into the same windows as tensors, which any loader of tokens has to do;
- guyot: `mixture.torch_dataset(context_length=1024)`, shuffled, every window as a tensor;
- mosaicml: the same documents from MDS files, shuffled by `py1br` over as many documents as a group; PYTHON
  is an interpreter of an environment of its own that has mosaicml-streaming.

Core-seconds are of the reading, imports and the plan of the mixture left out; nanoseconds are per token read.
"""

# ruff: noqa: T201  it prints

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LENGTH, BLOCK, GROUP, SHARD = 1024, 1024, 64, 25_000
MIXTURE = "kept"


def main(arguments: argparse.Namespace) -> None:
    """Write a lake for each share that is kept, and read it in every way."""
    ways = {"pyarrow": sys.executable, "windows": sys.executable, "guyot": sys.executable}
    ways |= {"mosaicml": arguments.mosaicml} if arguments.mosaicml else {}
    for keep in arguments.keep:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            n_tokens = write(Path(folder), arguments.documents, keep)
            if arguments.mosaicml:
                child(arguments.mosaicml, "write-mds", folder)
            print(f"{arguments.documents:,} documents, {keep:.0%} kept, {n_tokens / 1e6:.1f} million tokens")
            found: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(arguments.rounds):
                for way, python in ways.items():
                    found[way].append(child(python, way, folder))
            floor = np.median(found["pyarrow"])
            for way, seconds in found.items():
                low, median, high = np.percentile(seconds, [0, 50, 100])
                each = f"{median / n_tokens * 1e9:5.1f} ns a token, {median / floor - 1:+.1%} beside pyarrow"
                print(f"  {way:9} {median:6.2f} core-seconds ({low:.2f} to {high:.2f}), {each}")


def child(python: str, way: str, folder: str) -> float:
    """Run one way in a process of its own; return its core-seconds."""
    command = [python, __file__, "--way", way, "--folder", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(json.loads(done.stdout.splitlines()[-1]))


def write(folder: Path, n_documents: int, keep: float) -> int:
    """Write documents of random tokens as the graph stores them; return the tokens that are kept."""
    import pyarrow as pa

    from assets.graph.lake import LakeResources
    from assets.ingest.quality_signals import TOKEN_IDS
    from guyot.seeds import generator
    from resources.settings import Settings

    store = LakeResources(Settings.of(lake=str(folder / "lake"), source=str(folder))).store
    draw = generator(0, "loader", n_documents)
    snapshot: dict[str, dict[str, str]] = {}
    ids, kept, n_tokens = [], draw.random(n_documents) < keep, 0
    for number, begin in enumerate(range(0, n_documents, SHARD)):
        size = min(SHARD, n_documents - begin)
        counts = np.exp(draw.normal(5.5, 1, size)).astype(np.int64) + 1
        n_tokens += int(counts[kept[begin : begin + size]].sum())
        names = [draw.bytes(16).hex() for _ in range(size)]
        tokens = np.minimum(draw.zipf(1.2, counts.sum()), 8191).astype(np.int32)
        ends, shard = np.concatenate([[0], np.cumsum(counts)]), f"shard-{number:05d}"
        with store.write("quality_signals", shard, inputs={}, settings={}, code="") as writer:
            writer.table(pa.table({"doc_id": names, "tokens": counts}))
            with writer.parquet(TOKEN_IDS.schema, TOKEN_IDS.file) as sink:
                for first in range(0, size, 512):
                    last = min(first + 512, size)
                    offsets = pa.array((ends[first : last + 1] - ends[first]).astype(np.int32))
                    lists = pa.ListArray.from_arrays(offsets, pa.array(tokens[ends[first] : ends[last]]))
                    sink.write_batch(pa.record_batch([names[first:last], lists], schema=TOKEN_IDS.schema))
        snapshot[shard] = {"quality_signals": store.required("quality_signals", shard).version}
        ids += names
    with store.write("pruned_mixtures", MIXTURE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"doc_id": ids, "kept": kept}).sort_by("doc_id"))
        writer.facts |= {"snapshot": snapshot}
    return n_tokens


def files_of(folder: str) -> Iterator[tuple[Path, np.ndarray]]:
    """Yield each shard's file of tokens, and which of its rows are kept."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    (decisions,) = Path(folder).glob("lake/pruned_mixtures/*/*/rows.parquet")
    table = pq.read_table(decisions)
    kept = table.filter(table["kept"])["doc_id"].combine_chunks()
    for path in sorted(Path(folder).glob("lake/quality_signals/*/*/token_ids.parquet")):
        ids = pq.read_table(path, columns=["doc_id"])["doc_id"]
        yield path, pc.is_in(ids, kept).to_numpy()


def by_pyarrow(folder: str) -> float:
    """Read in file order."""
    listed = list(files_of(folder))
    begun = time.process_time()
    assert sum(map(len, tokens_of(listed)))
    return time.process_time() - begun


def by_windows(folder: str) -> float:
    """Read in file order, and make windows."""
    import torch

    torch.set_num_threads(1)
    listed = list(files_of(folder))
    begun, left, n_windows = time.process_time(), np.zeros(0, np.int32), 0
    for tokens in tokens_of(listed):
        left = np.concatenate([left, tokens])
        whole = len(left) // LENGTH * LENGTH
        windows = torch.from_numpy(left[:whole].astype(np.int64).reshape(-1, LENGTH)).unbind(0)
        n_windows += sum(1 for _ in windows)
        left = left[whole:]
    assert n_windows
    return time.process_time() - begun


def tokens_of(listed: list[tuple[Path, np.ndarray]]) -> Iterator[np.ndarray]:
    """Yield the tokens of what is kept, batch by batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path, kept in listed:
        place = 0
        for batch in pq.ParquetFile(path).iter_batches(512, columns=["ids"], use_threads=False):
            own = kept[place : place + len(batch)]
            place += len(batch)
            lists = batch.column(0) if own.all() else batch.filter(pa.array(own)).column(0)
            offsets = lists.offsets
            yield lists.values.to_numpy()[offsets[0].as_py() : offsets[-1].as_py()]


def by_guyot(folder: str) -> float:
    """Read the torch dataset."""
    import torch

    import guyot
    from guyot.train.epoch_order import Shuffle

    torch.set_num_threads(1)
    mixture = guyot.open_lake(Path(folder) / "lake").mixture(MIXTURE)
    dataset = mixture.torch_dataset(context_length=LENGTH, shuffle=Shuffle(BLOCK, GROUP))
    begun = time.process_time()
    n_windows = sum(1 for _ in dataset)
    assert n_windows == len(dataset)
    return time.process_time() - begun


def write_mds(folder: str) -> float:
    """Write what is kept as MDS files."""
    import pyarrow.parquet as pq
    from streaming import MDSWriter

    with MDSWriter(out=f"{folder}/mds", columns={"ids": "ndarray:int32"}, compression="zstd") as sink:
        for path, kept in files_of(folder):
            lists = pq.read_table(path, columns=["ids"])["ids"].to_numpy()
            for row in np.flatnonzero(kept).tolist():
                sink.write({"ids": lists[row]})
    return 0.0


def by_mosaicml(folder: str) -> float:
    """Read the MDS files."""
    from streaming import StreamingDataset

    dataset = StreamingDataset(
        local=f"{folder}/mds",
        shuffle=True,
        shuffle_algo="py1br",
        shuffle_block_size=BLOCK * GROUP,
        batch_size=1,
        predownload=BLOCK * GROUP,  # by default 8, and its threads wait for one another at each sample
    )
    begun = time.process_time()
    n_tokens = sum(len(sample["ids"]) for sample in dataset)
    assert n_tokens
    return time.process_time() - begun


WAYS = {
    "pyarrow": by_pyarrow,
    "windows": by_windows,
    "guyot": by_guyot,
    "write-mds": write_mds,
    "mosaicml": by_mosaicml,
}

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=400_000)
    parser.add_argument("--keep", type=float, nargs="+", default=[1.0, 0.5], help="share that is kept")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mosaicml", help="an interpreter that has mosaicml-streaming")
    parser.add_argument("--folder", help="where files are written")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(WAYS[given.way](given.folder)))
    else:
        main(given)
