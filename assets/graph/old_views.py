"""The tables of the catalogue: which files each view reads, and its columns before there are any."""

from dataclasses import dataclass

from resources.lake.manifest import ROWS

LAKE_FILES = """
CREATE TABLE lake_files (
    "table" VARCHAR, "key" VARCHAR, version VARCHAR, live BOOLEAN, file VARCHAR, rows BIGINT,
    bytes BIGINT, path VARCHAR
)
"""
MIXTURE_FACTS = (
    "unit", "target_fraction", "total", "target", "kept", "n_eligible", "n_kept",
    "uncovered", "warning",
)  # fmt: skip
MIXTURES = """
CREATE TABLE mixtures (
    recipe VARCHAR, version VARCHAR, unit VARCHAR, target_fraction DOUBLE, total BIGINT,
    target BIGINT, kept BIGINT, n_eligible BIGINT, n_kept BIGINT,
    uncovered BIGINT, warning VARCHAR
)
"""
_SHARD = (("shard", '"key"'),)
_RECIPE = (("recipe", '"key"'), ("version", "version"), ("live", "live"))


@dataclass(frozen=True)
class View:
    """A view: its name and what one row is, the table and file it reads, columns of both kinds.

    `columns` are what it has before any file exists; `extra` are (name, column of lake_files).
    """

    name: str
    comment: str
    table: str
    columns: str
    file: str = ROWS
    extra: tuple[tuple[str, str], ...] = ()
    consumed_too: bool = False

    @property
    def of_shards(self) -> bool:
        """Say whether the table has a partition per shard."""
        return self.extra == _SHARD

    def empty(self) -> str:
        """Select no rows of the right columns."""
        typed = [column.rpartition(" ")[::2] for column in self.columns.split(", ")]
        typed += [(name, "BOOLEAN" if name == "live" else "VARCHAR") for name, _ in self.extra]
        return "SELECT " + ", ".join(f'NULL::{t} AS "{n}"' for n, t in typed) + " WHERE false"


VIEWS = (
    View("shard_registry", "one row is a source file", "shard_registry",
         "uri VARCHAR, path VARCHAR, kind VARCHAR, group VARCHAR, split_by VARCHAR, bytes BIGINT, "
         "etag VARCHAR, digest VARCHAR, problem VARCHAR, detail VARCHAR, shard VARCHAR, state VARCHAR, "
         "first_seen VARCHAR, last_changed VARCHAR"),
    View("raw_shards", "one row is a document", "raw_shards",
         "doc_id VARCHAR, source_uri VARCHAR, record_key VARCHAR, content VARCHAR, kind VARCHAR, "
         "meta VARCHAR, content_digest VARCHAR, split VARCHAR", extra=_SHARD),
    View("quarantine", "one row is a rejected record", "raw_shards",
         "source_uri VARCHAR, record_key VARCHAR, byte_begin BIGINT, byte_end BIGINT, reason VARCHAR, "
         "detail VARCHAR", "quarantine.parquet", _SHARD),
    View("tokenizer", "one row is a token", "tokenizer", "token VARCHAR, id BIGINT"),
    View("quality_signals", "one row is a document", "quality_signals",
         "doc_id VARCHAR, bytes BIGINT, chars BIGINT, words BIGINT, lines BIGINT, max_line BIGINT, "
         "tokens BIGINT, alpha_fraction DOUBLE, repetition DOUBLE, duplicate_lines DOUBLE, "
         "compression_ratio DOUBLE, "
         "parses BOOLEAN", extra=_SHARD),
    View("minhash_signatures", "one row is a document", "minhash_signatures",
         "doc_id VARCHAR, signature UINTEGER[]", extra=_SHARD),
    View("embeddings", "one row is a document; its vector lies beside", "embeddings",
         "doc_id VARCHAR", extra=_SHARD),
    View("centroids", "one row is a centroid", "centroids",
         "cluster INTEGER, sample_documents BIGINT"),
    View("cluster_assignments", "one row is a document", "cluster_assignments",
         "doc_id VARCHAR, cluster INTEGER, distance FLOAT, second_cluster INTEGER, "
         "second_distance FLOAT", extra=_SHARD),
    View("corruption_sensitivity", "one row is a family of corruptions of Python code",
         "corruption_sensitivity",
         "family VARCHAR, kind VARCHAR, n BIGINT, farther DOUBLE, farther_low DOUBLE, farther_high DOUBLE, "
         "smaller DOUBLE, smaller_low DOUBLE, smaller_high DOUBLE, change DOUBLE, change_low DOUBLE, "
         "change_high DOUBLE, unmoved DOUBLE, passes BOOLEAN"),
    View("corruption_probes", "one row is a corrupted copy of a document; it is no document itself",
         "corruption_sensitivity",
         "doc_id VARCHAR, family VARCHAR, edits VARCHAR, cluster_before INTEGER, distance_before FLOAT, "
         "cluster_after INTEGER, distance_after FLOAT", "probes.parquet"),
    View("corruption_recall", "one row is what a ranking finds of planted copies of some families",
         "corruption_sensitivity",
         "method VARCHAR, alpha DOUBLE, p DOUBLE, family VARCHAR, recall DOUBLE, low DOUBLE, high DOUBLE, "
         "clean DOUBLE, n BIGINT", "recall.parquet"),
    View("cluster_scores", "one row is a training document of the snapshot", "cluster_scores",
         "doc_id VARCHAR, cluster INTEGER, distance FLOAT, max_similarity FLOAT, witness VARCHAR"),
    View("cluster_geometry", "one row is a cluster", "cluster_scores",
         "cluster INTEGER, size BIGINT, spread DOUBLE, gap DOUBLE, complexity DOUBLE",
         "clusters.parquet"),
    View("minhash_scores", "one row is a training document of the snapshot", "minhash_scores",
         "doc_id VARCHAR, jaccard DOUBLE, witness VARCHAR"),
    View("minhash_pairs", "one row is a pair of documents that was compared", "minhash_scores",
         "doc_id VARCHAR, other VARCHAR, jaccard DOUBLE", "pairs.parquet"),
    View("pruned_mixtures", "one row is a live document in a mixture version", "pruned_mixtures",
         "doc_id VARCHAR, kept BOOLEAN, step VARCHAR, reason VARCHAR, score DOUBLE, threshold DOUBLE, "
         "witness VARCHAR", extra=_RECIPE, consumed_too=True),
    View("mixture_steps", "one row is a step of a mixture version", "pruned_mixtures",
         "number BIGINT, step VARCHAR, dropped BIGINT, dropped_tokens BIGINT, alone BIGINT, shared BIGINT",
         "steps.parquet", _RECIPE, consumed_too=True),
    View("length_confound", "one row is a score or a mixture", "length_confound",
         "what VARCHAR, name VARCHAR, documents BIGINT, spearman_tokens DOUBLE, spearman_bytes DOUBLE, "
         "median_tokens_kept DOUBLE, median_tokens_dropped DOUBLE, mean_tokens_kept DOUBLE, "
         "mean_tokens_dropped DOUBLE, jaccard_kept_within_deciles DOUBLE, "
         "jaccard_dropped_within_deciles DOUBLE, tokens_kept_within_deciles DOUBLE"),
    View("length_hexagons", "one row is a cell of a score against the length", "length_confound",
         "name VARCHAR, log10_tokens DOUBLE, score DOUBLE, documents BIGINT", "hexagons.parquet"),
    View("agreement", "one row is a pair of recipes", "agreement",
         "recipe VARCHAR, other VARCHAR, dropped_both BIGINT, dropped_either BIGINT, jaccard DOUBLE"),
    View("dropped_alone", "one row is a group of documents that one recipe alone drops", "agreement",
         "recipe VARCHAR, grouping VARCHAR, group VARCHAR, documents BIGINT, tokens BIGINT", "alone.parquet"),
    View("dropped_alone_examples", "one row is a document that one recipe alone drops", "agreement",
         "recipe VARCHAR, doc_id VARCHAR, score DOUBLE, tokens BIGINT", "examples.parquet"),
    View("shift", "one row is a group of documents under a recipe", "shift",
         "recipe VARCHAR, grouping VARCHAR, group VARCHAR, documents BIGINT, documents_kept BIGINT, "
         "tokens BIGINT, tokens_kept BIGINT, share DOUBLE, share_kept DOUBLE, ratio DOUBLE, "
         "vanished BOOLEAN"),
    View("divergence", "one row is a grouping under a recipe", "shift",
         "recipe VARCHAR, grouping VARCHAR, divergence DOUBLE, vanished BIGINT", "divergences.parquet"),
    View("duplicate_truth", "one row is a method at a threshold, on a family of planted duplicates",
         "duplicate_truth", "method VARCHAR, family VARCHAR, threshold DOUBLE, recall DOUBLE, "
         "low DOUBLE, high DOUBLE, n BIGINT, precision DOUBLE, found BIGINT"),
    View("planted_duplicates", "one row is a planted pair of documents", "duplicate_truth",
         "doc_id VARCHAR, family VARCHAR, jaccard DOUBLE, cosine FLOAT", "pairs.parquet"),
    View("kept_by_limit", "one row is a method at a threshold", "duplicate_truth",
         "method VARCHAR, threshold DOUBLE, kept DOUBLE", "kept.parquet"),
    View("epoch_schedules", "one row is an epoch of a schedule version", "epoch_schedules",
         "epoch INTEGER, seed BIGINT, visit_tokens BIGINT, n_documents BIGINT, n_tokens BIGINT, "
         "exposure_histogram VARCHAR",
         extra=_RECIPE, consumed_too=True),
    View("training_runs", "one row is a run", "training_runs",
         "run_id VARCHAR, recipe VARCHAR, seed BIGINT, mixture_version VARCHAR, "
         "schedule_version VARCHAR, tokenizer_version VARCHAR, init VARCHAR, config VARCHAR, "
         "code_version VARCHAR, tokens BIGINT, steps BIGINT, wall_seconds DOUBLE, checkpoint VARCHAR"),
    View("training_loss", "one row is a step of a run", "training_runs",
         "step BIGINT, tokens BIGINT, loss DOUBLE", "loss.parquet",
         (("run", '"key"'), ("version", "version"))),
    View("evaluations", "one row is a metric of a run on a slice", "evaluations",
         "run_id VARCHAR, suite VARCHAR, slice VARCHAR, metric VARCHAR, value DOUBLE, low DOUBLE, "
         "high DOUBLE, n BIGINT"),
    View("leaderboard", "one row is a recipe", "leaderboard",
         "recipe VARCHAR, runs BIGINT, documents BIGINT, tokens BIGINT, kept_fraction DOUBLE, "
         "bits_per_byte DOUBLE, low DOUBLE, high DOUBLE, short DOUBLE, short_low DOUBLE, "
         "short_high DOUBLE, long DOUBLE, long_low DOUBLE, long_high DOUBLE"),
)  # fmt: skip
