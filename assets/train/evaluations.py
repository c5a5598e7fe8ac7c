"""Evaluations: what each run's model pays for held-out documents, overall and by length."""

import json
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, RUNS, runs
from assets.ingest import tokenizer
from assets.prune import epoch_schedules
from assets.train.training_runs import CHECKPOINT
from guyot.errors import EvaluationError
from guyot.seeds import uniforms_of_bits
from guyot.train.metric import bits_per_byte
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.trainer import Trainer
from resources.progress import Progress
from resources.settings import Settings

CODE = "1"
SUITE, METRIC = "held_out", "bits_per_byte"
SHORT_BELOW, LONG_ABOVE = 0.5, 0.9  # quantiles of the held-out documents' bytes


def spec(store: Store, settings: Settings, recipe: str, seed: int) -> BuildSpec:
    """State what a run's evaluation is made from."""
    key = f"{recipe}/{seed}"
    return BuildSpec(
        "evaluations",
        {"training_runs": store.required("training_runs", key).version},
        settings.select(
            "training.evaluation_documents", "training.evaluation_tokens", "audit.bootstrap_draws", "seed"
        ),
        CODE,
        key,
    )


@dg.asset(
    group_name="train",
    kinds={"pytorch"},
    owners=["team:research"],
    partitions_def=RUNS,
    backfill_policy=ONE_RUN,
    deps=["training_runs"],
    code_version=CODE,
    metadata=columns(
        run_id="string: the run",
        suite="string: held_out",
        slice="string: all, short (the shorter half of the files) or long (the longest tenth)",
        metric="string: bits_per_byte",
        value="double: bits over bytes, of all the slice's documents; lower is better",
        low="double: lower end of a 95% interval, by a bootstrap over documents",
        high="double: upper end",
        n="int64: documents in the slice",
    ),
)
def evaluations(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, trainer: Trainer
) -> dg.MaterializeResult[Any]:
    """One row is a metric of a run on a slice of the held-out documents."""
    asked = runs(list(context.partition_keys))

    def work(run: tuple[str, int]) -> Manifest:
        build_spec = spec(store, settings, *run)
        return build(store, build_spec, lambda w: _evaluate(store, settings, trainer, build_spec, w))

    return describe_partitions(context, map(work, asked), len(asked), reports_progress=True)


def _evaluate(
    store: Store, settings: Settings, trainer: Trainer, build_spec: BuildSpec, writer: Writer
) -> None:
    """Score one run on each slice."""
    run = store.required("training_runs", build_spec.key)
    record = store.table(run).to_pylist()[0]
    schedule = store.pinned("epoch_schedules", record["recipe"], record["schedule_version"])
    mixture = epoch_schedules.mixture_of(store, schedule)
    contents, sizes = held_out(store, settings, snapshot.of(mixture))
    reader = tokenizer.load(store, record["tokenizer_version"])
    tokens = [ids[: settings.training.evaluation_tokens] for ids in reader.encode(contents)]
    progress = Progress(f"evaluating {build_spec.key}", sum(map(len, tokens)), "tokens")
    weights, config = store.checked(run, CHECKPOINT), json.loads(record["config"])
    nats = trainer.evaluate(weights, config, tokens, progress.at)
    scored = np.array([int(reader.token_bytes[ids].sum()) for ids in tokens], np.int64)
    rows: list[dict[str, Any]] = []
    drawn = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    for name, chosen in slices(sizes).items():
        found = bits_per_byte(nats[chosen], scored[chosen], **drawn)
        about = {"run_id": record["run_id"], "suite": SUITE, "slice": name, "metric": METRIC}
        rows.append({**about, **vars(found)})
    writer.table(pa.Table.from_pylist(rows))
    facts = mixture.facts
    writer.facts |= {
        "mixture_documents": facts["n_kept"],
        "mixture_tokens": schedule.facts["mixture_tokens"],
        "mixture_kept_fraction": facts["n_kept"] / facts["n_eligible"],
    }


def held_out(
    store: Store, settings: Settings, taken: snapshot.Snapshot
) -> tuple[list[str], NDArray[np.int64]]:
    """Draw held-out documents at random: their contents, and their sizes in bytes, int64[n].

    Raises
    ------
    EvaluationError : the snapshot has none.
    """
    table = taken.table(store, "raw_shards", ["doc_id", "split"])
    ids = snapshot.ids_of(table.filter(pa.compute.equal(table["split"], "held_out"))["doc_id"])
    if not len(ids):
        raise EvaluationError(
            f"reading.held_out_fraction={settings.reading.held_out_fraction} held out 0 of "
            f"{table.num_rows} documents; "
            "raise it, or set reading.held_out_unit=record, before the first scan of a lake"
        )
    uniform = uniforms_of_bits(settings.seed, "evaluation", snapshot.id_bits(ids))
    wanted = np.sort(ids[np.lexsort((ids, uniform))[: settings.training.evaluation_documents]])
    contents: dict[bytes, str] = {}
    for manifest in taken.manifests(store, "raw_shards"):
        for batch in store.batches(manifest, ["doc_id", "content", "split"], 512):
            found = snapshot.ids_of(batch["doc_id"])
            hit = pa.array(snapshot.positions(wanted, found) >= 0)
            contents.update(
                zip(found[np.asarray(hit)].tolist(), batch["content"].filter(hit).to_pylist(), strict=True)
            )
    texts = [contents[doc_id] for doc_id in wanted.tolist()]
    return texts, np.array([len(text.encode()) for text in texts], np.int64)


def slices(sizes: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Divide documents by length: rows of all, of the shorter half, of the longest tenth.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in slices(np.arange(10)).items() if name != "all"}
    {'short': [0, 1, 2, 3, 4], 'long': [9]}
    """
    order = np.argsort(sizes, kind="stable")
    n_short, n_long = round(len(sizes) * SHORT_BELOW), round(len(sizes) * (1 - LONG_ABOVE))
    return {
        "all": np.arange(len(sizes)),
        "short": np.sort(order[: max(1, n_short)]),
        "long": np.sort(order[-max(1, n_long) :]),
    }
