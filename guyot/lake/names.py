"""The names of a lake's tables, columns and files, for its readers: in this one place."""

MANIFEST, CURRENT, ROWS, CLUSTERS = "manifest.json", "current", "rows.parquet", "clusters.parquet"
WHOLE = "all"  # the key of a table that has no partitions

DOCUMENTS, MIXTURES = "raw_shards", "pruned_mixtures"
SIGNALS, SCORES = "quality_signals", "cluster_scores"

DOC_ID, SOURCE, RECORD_KEY, KIND, CONTENT = "doc_id", "source_uri", "record_key", "kind", "content"
KEPT, STEP, REASON, SCORE, THRESHOLD, WITNESS = "kept", "step", "reason", "score", "threshold", "witness"
CLUSTER, SIZE = "cluster", "size"
PARTITION = "partition"  # what a table of several partitions has as a further column
