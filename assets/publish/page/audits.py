"""What the report shows of the audits: charts, and rows of their tables, where they have been made."""

from collections.abc import Callable
from typing import Any

from assets.charts import audits, corruption, factors, invariance, navigation

Rows = Callable[[str], list[dict[str, Any]]]
Figure = Callable[[Any, str], dict[str, Any]]
ALPHA_DROPPED = 0.2
CONFOUND = """
    SELECT subject, name, spearman_tokens, median_tokens_kept, median_tokens_dropped,
           jaccard_dropped_within_deciles, tokens_kept_within_deciles
    FROM length_confound ORDER BY subject DESC, abs(spearman_tokens) DESC NULLS LAST, name
"""
ALONE = """
    SELECT e.recipe, r.source_path, r.record_key, e.tokens, e.score, left(r.content, 200) AS beginning
    FROM dropped_alone_examples e JOIN raw_shards r USING (doc_id)
    QUALIFY row_number() OVER (PARTITION BY e.recipe ORDER BY e.score, doc_id) <= 3
    ORDER BY e.recipe, e.score, doc_id
"""
ALONE_COUNTS = """
    SELECT recipe, sum(documents)::BIGINT AS documents, sum(tokens)::BIGINT AS tokens
    FROM dropped_alone WHERE grouping = 'kind' GROUP BY recipe
"""
DIVERGENCE = """
    SELECT recipe, max(divergence) FILTER (grouping = 'kind') AS kind,
           max(divergence) FILTER (grouping = 'source') AS source,
           max(divergence) FILTER (grouping = 'length decile') AS length,
           max(divergence) FILTER (grouping = 'cluster') AS cluster, sum(vanished)::BIGINT AS vanished
    FROM divergence GROUP BY recipe
"""
CONTAMINATION = """
    SELECT recipe, evaluation_set, records, exact, near, overlapping, reworded, clean
    FROM contamination ORDER BY evaluation_set, recipe
"""
CORRUPTION = "SELECT family, kind, n, farther, farther_low, farther_high, passes FROM corruption_sensitivity"
_OF_FACTORS = (
    ("factor_association", factors.associations,
     "0 where a factor's levels are removed alike, 1 where the level decides what goes."),
    ("factor_agreement", factors.agreement_with_witnesses,
     "Of documents that go because of another; high where a method looks at the factor."),
    ("factor_decodability", factors.decodability,
     "Of documents that the model was not fitted to, known copies of one another kept together."),
)  # fmt: skip
_OF_INVARIANCE = (
    ("embedding_invariance", invariance.overlooked,
     "1: what was done goes unnoticed; 0: it moves a document as far as to another."),
    ("duplicate_radius", invariance.duplicate_radii,
     "Of recipes that dropped near-duplicates by vectors; 0: not even the weakest change passes for a copy."),
)  # fmt: skip
_SHIFT = """
    SELECT recipe, "group_name", share, ratio, documents, documents_kept FROM shift WHERE grouping = '{}'
    ORDER BY recipe, "group_name"
"""


def figures(rows: Rows, figure: Figure, recipes: list[str]) -> list[dict[str, Any]]:
    """Draw what audits there are.

    Parameters
    ----------
    rows : answers a query
    figure : makes a chart a part of the page, with a note
    recipes : their names in order
    """
    drawn: list[dict[str, Any]] = []
    place = {name: number for number, name in enumerate(recipes)}
    pairs = rows("SELECT * FROM agreement")
    if pairs:
        pairs.sort(key=lambda row: (place.get(row["recipe"], 99), place.get(row["other"], 99)))
        note = "What two recipes drop alike, over what one of them drops; held-out documents aside."
        drawn.append(figure(audits.agreement_table(pairs), note))
    for grouping in ("source", "length decile", "kind"):
        found = rows(_SHIFT.format(grouping))
        if len({row["group_name"] for row in found}) > 1:
            found.sort(key=lambda row: (place.get(row["recipe"], 99), _number(row["group_name"])))
            note = "Below 1 a group lost more of its tokens than the others; where it is near 0, it vanished."
            drawn.append(figure(audits.shifts(found, grouping), note))
    for score in ("distance", "max_similarity"):
        cells = rows(f"SELECT * FROM length_hexagons WHERE name = '{score}'")
        if cells:
            note = "A slope would say that the score follows the length."
            drawn.append(figure(audits.score_against_length(cells, score), note))
    drawn += _duplicates(rows, figure)
    recalls = rows("SELECT * FROM corruption_recall WHERE family IN ('all', 'syntax', 'content')")
    recalls = [row for row in recalls if row["drop_fraction"] == ALPHA_DROPPED]
    if recalls:
        note = "Corrupted copies were planted among clean documents: what share of them SCIP's order drops."
        drawn.append(figure(corruption.recall_against_alpha(recalls, ALPHA_DROPPED), note))
    if found := rows("SELECT * FROM map_probes"):
        note = "In mazes of no episode that a probe learnt from; each had as many updates."
        drawn.append(figure(navigation.map_areas(found), note))
    return drawn + _overlooked(rows, figure) + _factors(rows, figure)


def _duplicates(rows: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Draw what methods find of planted duplicates."""
    drawn: list[dict[str, Any]] = []
    truth = rows("SELECT * FROM duplicate_truth ORDER BY threshold, family")
    for method in ("minhash", "semdedup"):
        found = [row for row in truth if row["method"] == method]
        if found:
            note = "Duplicates were made of some documents, and sought among them and their originals."
            drawn.append(figure(audits.recall_by_limit(found, method), note))
    if pairs := rows("SELECT * FROM planted_duplicates ORDER BY family, doc_id"):
        note = "A limit on either axis finds what lies beyond it; the unrelated are pairs of originals."
        drawn.append(figure(audits.words_against_vectors(pairs), note))
    if kept := rows("SELECT * FROM kept_by_limit ORDER BY method, threshold"):
        drawn.append(figure(audits.kept_by_limit(kept), "Of the lake's own documents."))
    return drawn


def _overlooked(rows: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Draw what the encoder overlooks, and what recipes therefore take for copies."""
    drawn: list[dict[str, Any]] = []
    for table, draw, note in _OF_INVARIANCE:
        found = rows(f"SELECT * FROM {table}")
        for kind in dict.fromkeys(row["kind"] for row in found):
            drawn.append(figure(draw([row for row in found if row["kind"] == kind], kind), note))
    return drawn


def _factors(rows: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Draw what recipes do to known factors, and what vectors tell of them."""
    drawn: list[dict[str, Any]] = []
    for table, draw, note in _OF_FACTORS:
        if found := rows(f"SELECT * FROM {table}"):
            drawn.append(figure(draw(found), note))
    return drawn


def _number(group: str) -> tuple[float, str]:
    """Sort groups that are numbers as numbers."""
    return (float(group), group) if group.isdecimal() else (0.0, group)
