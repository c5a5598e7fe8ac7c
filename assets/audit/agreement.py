"""Agreement: what recipes drop together, and what each of them alone."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.audit.inputs import mixtures_under_audit
from assets.audit.inputs.mixtures_under_audit import Audited
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.agreement import agreement as compare
from guyot.audit.agreement import alone, alone_by_group
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

N_EXAMPLES = 5
PAIRS = TableSpec(
    "agreement",
    "a pair of recipes",
    (
        ColumnSpec("recipe", pa.string(), "a recipe that drops something"),
        ColumnSpec("other", pa.string(), "another one, or itself"),
        ColumnSpec("dropped_both", pa.int64(), "documents that both drop, held-out ones aside"),
        ColumnSpec("dropped_either", pa.int64(), "documents that one of them drops at least"),
        ColumnSpec("jaccard", pa.float64(), "the first over the second"),
    ),
)
ALONE = TableSpec(
    "dropped_alone",
    "a group of documents that one recipe alone drops",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("grouping", pa.string(), "kind, source, length decile or cluster"),
        ColumnSpec("group_name", pa.string(), "the group"),
        ColumnSpec("documents", pa.int64(), "documents that this recipe drops and no other"),
        ColumnSpec("tokens", pa.int64(), "their tokens"),
    ),
    file="alone.parquet",
)
EXAMPLES = TableSpec(
    "dropped_alone_examples",
    "a document that one recipe alone drops",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("doc_id", pa.string(), "one of those that it wanted least", "pruned_mixtures.doc_id"),
        ColumnSpec("score", pa.float64(), "its score in the deciding step", "pruned_mixtures.score"),
        ColumnSpec("tokens", pa.int64(), "its tokens", "quality_signals.tokens"),
    ),
    file="examples.parquet",
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the agreement of every two recipes."""
    from assets.charts.audits import agreement_table
    from assets.charts.drawing import markdown_picture

    rows = reader.table(manifest).to_pylist()
    if not rows:
        return {"said": "no recipe drops anything"}
    return {"agreement": dg.MetadataValue.md(markdown_picture(agreement_table(rows)))}


@lake_asset(
    group_name="audit",
    tables=[PAIRS, ALONE, EXAMPLES],
    reads=mixtures_under_audit.READS,
    inputs=mixtures_under_audit.inputs,
    shows=show,
    code_version="2",
)
def agreement(build: Build, writer: Writer) -> None:
    """One row is a pair of recipes; alone.parquet beside has what each drops that no other does."""
    found = mixtures_under_audit.load(build.reader)
    names = [found.recipes[number] for number in found.pruning]
    dropped = ~found.kept[found.pruning]
    counted, only = compare(dropped), alone(dropped)
    pairs = [
        {
            "recipe": name, "other": other, "dropped_both": int(counted.both[i, j]),
            "dropped_either": int(counted.either[i, j]), "jaccard": float(counted.jaccard[i, j]),
        }
        for i, name in enumerate(names) for j, other in enumerate(names)
    ]  # fmt: skip
    writer.table(pa.Table.from_pylist(pairs, PAIRS.schema))
    writer.table(pa.Table.from_pylist(_groups(found, names, only), ALONE.schema), ALONE.file)
    writer.table(pa.Table.from_pylist(_examples(found, only), EXAMPLES.schema), EXAMPLES.file)


def _groups(found: Audited, names: list[str], only: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Count what each recipe alone drops of each group."""
    rows: list[dict[str, Any]] = []
    for grouping in found.groupings:
        n_groups = len(grouping.names)
        counts = [alone_by_group(mine, grouping.group, n_groups, found.tokens) for mine in only]
        documents, tokens = np.array(counts, np.int64).reshape(len(names), 2, n_groups).transpose(1, 2, 0)
        rows += [
            {
                "recipe": names[of], "grouping": grouping.name, "group_name": grouping.names[group],
                "documents": int(documents[group, of]), "tokens": int(tokens[group, of]),
            }
            for group, of in np.argwhere(documents).tolist()
        ]  # fmt: skip
    return rows


def _examples(found: Audited, only: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Choose the lowest-ranked documents among those that only this recipe drops, ties by doc_id.

    Those of its first step come first: scores of two steps are not compared.
    """
    rows: list[dict[str, Any]] = []
    for number, mine in zip(found.pruning.tolist(), only, strict=True):
        decisions = found.decisions(number)
        candidates, place, score = np.flatnonzero(mine), decisions.place, decisions.score
        lowest = candidates[np.lexsort((candidates, place[candidates]))][:N_EXAMPLES]
        rows += [
            {
                "recipe": found.recipes[number], "doc_id": bytes(found.ids[row]).decode(),
                "score": None if np.isnan(score[row]) else float(score[row]),
                "tokens": int(found.tokens[row]),
            }
            for row in lowest
        ]  # fmt: skip
    return rows
