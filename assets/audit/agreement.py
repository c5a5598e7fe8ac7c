"""Agreement: what recipes drop together, and what each of them alone."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.audit import mixtures_under_audit
from assets.audit.inputs.mixtures_under_audit import Audited, rows_of
from assets.graph.build import BuildSpec, build, columns, result
from guyot.audit.agreement import agreement as compare
from guyot.audit.agreement import alone
from resources.lake.store import Store
from resources.lake.writer import Writer

CODE = "2"
ALONE, EXAMPLES = "alone.parquet", "examples.parquet"
N_EXAMPLES = 5
SCHEMA = pa.schema(
    [("recipe", pa.string()), ("other", pa.string()), ("dropped_both", pa.int64()),
     ("dropped_either", pa.int64()), ("jaccard", pa.float64())]
)  # fmt: skip
_ALONE = pa.schema(
    [("recipe", pa.string()), ("grouping", pa.string()), ("group", pa.string()), ("documents", pa.int64()),
     ("tokens", pa.int64())]
)  # fmt: skip
_EXAMPLES = pa.schema(
    [("recipe", pa.string()), ("doc_id", pa.string()), ("score", pa.float64()), ("tokens", pa.int64())]
)


def spec(store: Store) -> BuildSpec:
    """State what the audit is made from: every live mixture of the snapshot."""
    return BuildSpec("agreement", mixtures_under_audit.inputs(store), {}, CODE)


@dg.asset(
    group_name="audit",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["pruned_mixtures", "cluster_scores", "minhash_scores", "quality_signals", "raw_shards"],
    code_version=CODE,
    metadata=columns(
        recipe="string: a recipe that drops something",
        other="string: another one, or itself",
        dropped_both="int64: documents that both drop, held-out ones aside",
        dropped_either="int64: documents that one of them drops at least",
        jaccard="double: the first over the second",
    ),
)
def agreement(store: Store) -> dg.MaterializeResult[Any]:
    """One row is a pair of recipes; alone.parquet beside has what each drops that no other does."""
    manifest = build(store, spec(store), lambda writer: audit(mixtures_under_audit.load(store), writer))
    from assets.charts.audit_charts import agreement_table
    from assets.charts.charts import markdown_picture

    rows = store.table(manifest).to_pylist()
    if not rows:
        return result(manifest, said="no recipe drops anything")
    picture = markdown_picture(agreement_table(rows))
    return result(manifest, agreement=dg.MetadataValue.md(picture))


def audit(found: Audited, writer: Writer) -> None:
    """Compare what the recipes drop."""
    pruning = found.pruning
    names = [found.recipes[number] for number in pruning]
    dropped = ~found.kept[pruning]
    counted, only = compare(dropped), alone(dropped)
    writer.table(
        pa.Table.from_pylist(
            [
                {"recipe": name, "other": other, "dropped_both": int(counted.both[i, j]),
                 "dropped_either": int(counted.either[i, j]), "jaccard": float(counted.jaccard[i, j])}
                for i, name in enumerate(names) for j, other in enumerate(names)
            ],
            SCHEMA,
        )
    )  # fmt: skip
    groups: list[dict[str, Any]] = []
    for grouping, number, group in rows_of(found.groupings):
        here = only & (grouping.group == number)
        groups += [
            {"recipe": name, "grouping": grouping.name, "group": group, "documents": int(mine.sum()),
             "tokens": int(found.tokens[mine].sum())}
            for name, mine in zip(names, here, strict=True) if mine.any()
        ]  # fmt: skip
    writer.table(pa.Table.from_pylist(groups, _ALONE), ALONE)
    writer.table(pa.Table.from_pylist(list(_examples(found, only)), _EXAMPLES), EXAMPLES)


def _examples(found: Audited, only: "np.ndarray[Any, np.dtype[np.bool_]]") -> list[dict[str, Any]]:
    """Pick of what each recipe alone drops the documents that it wanted least, ties by doc_id.

    Those of its first step come first: scores of two steps are not compared.
    """
    told: list[dict[str, Any]] = []
    for number, mine in zip(found.pruning.tolist(), only, strict=True):
        rows, place, score = np.flatnonzero(mine), found.place(number), found.score[number]
        lowest = rows[np.lexsort((rows, place[rows]))][:N_EXAMPLES]
        told += [
            {"recipe": found.recipes[number], "doc_id": found.ids[row].decode(),
             "score": None if np.isnan(score[row]) else float(score[row]), "tokens": int(found.tokens[row])}
            for row in lowest
        ]  # fmt: skip
    return told
