"""A training loop's view of a finished lake: the documents of a mixture in the order of their epochs.

    python examples/read_a_schedule.py LAKE RECIPE

Needs the library, numpy and duckdb; no Dagster.
"""

import sys
from collections.abc import Iterator

import duckdb
import numpy as np

from guyot.train.schedule import plan, segments

_EPOCHS = """
SELECT n_tokens, n_documents, seed, visit_tokens FROM epoch_schedules
WHERE live AND recipe = ? ORDER BY epoch
"""
_KEPT = """
SELECT doc_id, tokens FROM pruned_mixtures JOIN quality_signals USING (doc_id)
WHERE live AND kept AND recipe = ? ORDER BY doc_id
"""


def visited(lake: str, recipe: str) -> Iterator[tuple[int, str, int, int]]:
    """Yield (epoch, doc_id, first token, tokens to read) for every visit of a recipe's schedule.

    Raises
    ------
    LookupError : the lake has no schedule of that recipe, or its documents are not the scheduled ones.
    """
    with duckdb.connect(f"{lake}/catalogue.duckdb", read_only=True) as catalogue:
        stored = catalogue.execute(_EPOCHS, [recipe]).fetchall()
        kept = catalogue.execute(_KEPT, [recipe]).fetchall()
    if not stored:
        raise LookupError(f"{lake} has no schedule of {recipe!r}; run `guyot run` on it first")
    tokens = np.array([n_tokens for _, n_tokens in kept], np.int64)
    budget, (_, _, seed, visit_tokens) = sum(row[0] for row in stored), stored[0]
    schedule = plan(tokens, budget, seed, recipe, visit_tokens)
    if [(e.n_tokens, e.n_documents, e.seed, visit_tokens) for e in schedule.epochs] != stored:
        raise LookupError(f"the schedule of {recipe!r} is not of its live mixture; run `guyot run` again")
    for segment in segments(schedule):
        yield segment.epoch, kept[segment.row][0], segment.first_token, segment.n_tokens


if __name__ == "__main__":
    for number, (epoch, doc_id, first, n_tokens) in enumerate(visited(*sys.argv[1:3])):
        if number < 10:
            print(f"epoch {epoch}: {doc_id}, {n_tokens} tokens from token {first}")  # noqa: T201
