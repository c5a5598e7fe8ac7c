"""The names of a lake's tables, columns and files, for its readers: in this one place."""

MANIFEST, CURRENT, ROWS = "manifest.json", "current", "rows.parquet"
WHOLE = "all"  # the key of a table that has no partitions

DOCUMENTS, MIXTURES = "raw_shards", "pruned_mixtures"
EVALUATION_RECORDS, EVALUATION_SET = "evaluation_sets", "evaluation_set"
SIGNALS, SCORES, SCHEDULES = "quality_signals", "cluster_scores", "epoch_schedules"

DOC_ID, SOURCE, RECORD_KEY, KIND, CONTENT = "doc_id", "source_path", "record_key", "kind", "content"
KEPT, STEP, REASON, SCORE, THRESHOLD, WITNESS = "kept", "step", "reason", "score", "threshold", "witness"
IMAGES, IMAGE = "images.parquet", "image"  # a file of raw_shards in a lake of images, and its column
TOKEN_IDS, IDS = "token_ids.parquet", "ids"  # a file of quality_signals, and its column
CLUSTER, TOKENS = "cluster", "tokens"
TRAIN_TOKENS, SEGMENT_TOKENS = "train_tokens", "segment_tokens"  # facts of a schedule
ORDER_NAME, BLOCK_DOCUMENTS, GROUP_BLOCKS = "order", "block_documents", "group_blocks"  # facts, too
PARTITION = "partition"  # what a table of several partitions has as a further column
