"""The tables of the factor audit: what one row is, and its columns."""

import pyarrow as pa

from assets.graph.tables import ColumnSpec, TableSpec

LEVELS = TableSpec(
    "factor_audit",
    "a level of a known factor under a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("factor", pa.string(), "the key in the documents' meta"),
        ColumnSpec("level", pa.string(), "its value; of numbers of many values the first and last of a bin"),
        ColumnSpec("documents", pa.int64(), "training documents that have it"),
        ColumnSpec("removed", pa.int64(), "of these, how many the recipe drops"),
        ColumnSpec("rate", pa.float64(), "the second over the first"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("high", pa.float64(), "upper end"),
    ),
)
ASSOCIATION = TableSpec(
    "factor_association",
    "a known factor under a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("factor", pa.string(), "the key in the documents' meta"),
        ColumnSpec("levels", pa.int64(), "levels that documents have"),
        ColumnSpec("removed", pa.int64(), "documents that the recipe drops and that have one"),
        ColumnSpec(
            "cramers_v", pa.float64(),
            "Cramér's V of level by removed or not, with Bergsma's correction: 0 none, 1 the level decides; "
            "null where nothing or everything is removed",
        ),
        ColumnSpec(
            "p", pa.float64(),
            "share of random removals of as many documents with as large a chi-squared; read V, not this",
        ),
    ),
    file="association.parquet",
)  # fmt: skip
AGREEMENT = TableSpec(
    "factor_agreement",
    "a known factor under a recipe that names witnesses",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("factor", pa.string(), "the key in the documents' meta; also that of known copies"),
        ColumnSpec("pairs", pa.int64(), "dropped documents whose witness is a document, both with a level"),
        ColumnSpec("share", pa.float64(), "share of these that have one level"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("chance", pa.float64(), "the same share, of the dropped with any other document"),
    ),
    file="agreement.parquet",
)
DECODABILITY = TableSpec(
    "factor_decodability",
    "a known factor",
    (
        ColumnSpec("factor", pa.string(), "the key in the documents' meta"),
        ColumnSpec(
            "measure", pa.string(),
            "balanced accuracy of a linear model on groups that it was not fitted to; R2 of numbers",
        ),
        ColumnSpec("documents", pa.int64(), "documents of the sample that have a level"),
        ColumnSpec("levels", pa.int64(), "levels that are told apart"),
        ColumnSpec("score", pa.float64(), "the measure"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval, by a bootstrap over groups"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("chance", pa.float64(), "1 / levels; 0 of R2"),
        ColumnSpec("control", pa.float64(), "the measure where levels are permuted among the documents"),
    ),
    file="decodability.parquet",
)  # fmt: skip
DUPLICATES = TableSpec(
    "factor_duplicates",
    "a rule that removes documents, against the known copies",
    (
        ColumnSpec(
            "rule", pa.string(),
            "nearest earlier: what has an earlier document within the limit goes, as semdedup; or a recipe",
        ),
        ColumnSpec("distance_limit", pa.float64(), "cosine distance; null of a recipe"),
        ColumnSpec("removed", pa.int64(), "documents that go because of a document, of known groups"),
        ColumnSpec("precision", pa.float64(), "share of these whose witness is a copy; null where none goes"),
        ColumnSpec("precision_low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("precision_high", pa.float64(), "upper end"),
        ColumnSpec("excess", pa.int64(), "copies in excess: all but one of each group"),
        ColumnSpec("recall", pa.float64(), "share of these that go because of a copy"),
        ColumnSpec("recall_low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("recall_high", pa.float64(), "upper end"),
    ),
    file="duplicates.parquet",
)  # fmt: skip
COPIES = TableSpec(
    "factor_copies",
    "a way in which known copies differ from their original",
    (
        ColumnSpec(
            "variant", pa.string(),
            "what was done to the copies; last all documents whose nearest earlier one is of another group",
        ),
        ColumnSpec("pairs", pa.int64(), "copies with an original"),
        ColumnSpec("low", pa.float64(), "cosine distance that 5% of them are within"),
        ColumnSpec("median", pa.float64(), "that half of them are within"),
        ColumnSpec("high", pa.float64(), "that 95% of them are within"),
    ),
    file="copies.parquet",
)  # fmt: skip
DIFFERENCES = TableSpec(
    "factor_differences",
    "documents that differ in one factor alone, at a level of another",
    (
        ColumnSpec("factor", pa.string(), "the one in which they differ; they are no known copies"),
        ColumnSpec("by_factor", pa.string(), "another, in which they agree; empty: all pairs"),
        ColumnSpec("level", pa.string(), "the level of that; empty: all pairs"),
        ColumnSpec("pairs", pa.int64(), "such pairs, up to 10,000 of a factor"),
        ColumnSpec("lower_quartile", pa.float64(), "of their cosine distances"),
        ColumnSpec("median", pa.float64(), "of their cosine distances"),
        ColumnSpec("upper_quartile", pa.float64(), "of their cosine distances"),
    ),
    file="differences.parquet",
)
