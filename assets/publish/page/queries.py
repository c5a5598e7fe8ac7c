"""The report's queries of the catalogue: small aggregates, for any number of documents."""

from assets.charts.charts import BINS, MAX_CLUSTERS

MAX_ROWS, MAX_FOLDERS, MAX_NAME_CHARS = 100, 15, 200
EXAMPLES_PER_REASON, EXAMPLES_AT_THE_CUT = 4, 4
LOSS_POINTS = 60
_TRAINING = "m.live AND m.step IS DISTINCT FROM 'held_out'"

COUNTS = """
SELECT (SELECT count(*) FROM raw_shards) AS documents, (SELECT count(*) FROM quarantine) AS rejected,
       (SELECT count(*) FROM raw_shards WHERE split = 'held_out') AS held_out,
       (SELECT coalesce(sum(tokens), 0) FROM quality_signals) AS tokens,
       (SELECT count(*) FROM shard_registry WHERE state = 'live') AS files,
       (SELECT count(DISTINCT shard) FROM shard_registry WHERE state = 'live') AS shards,
       (SELECT max(version) FROM lake_files WHERE "table" = 'shard_registry' AND live) AS version
"""
HAS_IMAGES = "SELECT 1 FROM images LIMIT 1"
BOARD = "SELECT * FROM leaderboard ORDER BY bits_per_byte, recipe"
MIXTURES = f"SELECT *, count(*) OVER () AS found FROM mixtures ORDER BY recipe, version LIMIT {MAX_ROWS}"
REASONS = f"""
SELECT recipe, step, reason, count(*) AS documents, count(witness) AS witnesses
FROM pruned_mixtures m WHERE {_TRAINING} AND NOT kept
GROUP BY ALL ORDER BY recipe, documents DESC, step, reason LIMIT {MAX_ROWS}
"""
RUNS = f"SELECT *, count(*) OVER () AS found FROM training_runs ORDER BY run_id LIMIT {MAX_ROWS}"
QUARANTINE = f"""
SELECT reason, count(*) AS records, left(min(source_path), {MAX_NAME_CHARS}) AS example
FROM quarantine GROUP BY reason ORDER BY records DESC, reason LIMIT {MAX_ROWS}
"""
# an id is a digest, so the smallest ids are drawn at random, and always the same ones
EXAMPLES = f"""
WITH explained AS (
    SELECT reason, doc_id, witness FROM pruned_mixtures WHERE live AND witness IS NOT NULL GROUP BY ALL),
chosen AS (
    (SELECT doc_id, witness, false AS at_the_cut FROM explained
     QUALIFY row_number() OVER (PARTITION BY reason ORDER BY doc_id, witness) <= {EXAMPLES_PER_REASON})
    UNION ALL
    (SELECT doc_id, explained.witness, true FROM explained JOIN cluster_scores s USING (doc_id)
     WHERE s.witness = explained.witness AND reason = 'near_duplicate'
     ORDER BY s.max_similarity, doc_id LIMIT {EXAMPLES_AT_THE_CUT}))
SELECT c.doc_id, c.witness, bool_or(c.at_the_cut) AS at_the_cut, min(m.step) AS step, min(m.reason) AS reason,
       string_agg(DISTINCT m.recipe, ', ' ORDER BY m.recipe) AS recipes,
       any_value(s.max_similarity) FILTER (s.witness = c.witness) AS similarity
FROM chosen c JOIN pruned_mixtures m ON m.doc_id = c.doc_id AND m.witness = c.witness AND m.live
LEFT JOIN cluster_scores s ON s.doc_id = c.doc_id
GROUP BY c.doc_id, c.witness ORDER BY similarity DESC NULLS FIRST, c.doc_id, c.witness
"""
# deciles are cut once, of the documents that recipes choose from, and not again for every recipe
BY_LENGTH = f"""
WITH placed AS (
    SELECT doc_id, bytes, ntile(10) OVER (ORDER BY bytes, doc_id)::INT AS length_decile
    FROM quality_signals SEMI JOIN cluster_scores USING (doc_id))
SELECT recipe, length_decile, avg(kept::INT) AS kept, max(bytes) AS bytes
FROM pruned_mixtures m JOIN placed USING (doc_id) WHERE {_TRAINING} GROUP BY ALL ORDER BY ALL
"""
BY_CLUSTER = f"""
WITH shares AS (
    SELECT m.recipe, s.cluster, avg(m.kept::INT) AS kept
    FROM pruned_mixtures m JOIN cluster_scores s USING (doc_id)
    WHERE {_TRAINING} GROUP BY m.recipe, s.cluster),
placed AS (
    SELECT recipe, kept, row_number() OVER (PARTITION BY recipe ORDER BY kept, cluster) AS place,
           count(*) OVER (PARTITION BY recipe) AS n FROM shares)
SELECT recipe, 2 * ceil(50 * place / n)::INT AS clusters, avg(kept) AS kept
FROM placed GROUP BY ALL ORDER BY ALL
"""
RESULTS = """
SELECT recipe, slice, bits_per_byte AS value, low, high
FROM leaderboard_slices WHERE slice IN ('all', 'short', 'long') ORDER BY ALL
"""
CURVES = "SELECT recipe, tokens, bits_per_byte FROM leaderboard_curves ORDER BY ALL"
LOSSES = f"""
SELECT recipe, max(tokens) AS tokens, avg(loss) AS loss FROM (
    SELECT recipe, tokens, loss, ntile({LOSS_POINTS}) OVER (PARTITION BY recipe ORDER BY tokens) AS part
    FROM (SELECT split_part(run, '/', 1) AS recipe, tokens, avg(loss) AS loss
          FROM training_loss WHERE isfinite(loss) GROUP BY ALL))
GROUP BY recipe, part ORDER BY ALL
"""
SIMILARITIES = f"""
SELECT greatest(0, least({BINS - 1}, floor(max_similarity * {BINS})))::INT AS bin, count(*) AS documents
FROM cluster_scores WHERE max_similarity IS NOT NULL GROUP BY bin ORDER BY bin
"""
CUTS = """
SELECT recipe, 1 - max(threshold) AS cut FROM pruned_mixtures
WHERE live AND reason = 'near_duplicate' AND isfinite(threshold)
GROUP BY recipe ORDER BY recipe
"""
SIZES = f"SELECT size FROM cluster_geometry ORDER BY size DESC, cluster LIMIT {MAX_CLUSTERS}"


def by_origin(column: str) -> str:
    """Ask for the share kept of each origin, the largest first: an expression over raw_shards names it."""
    return f"""
WITH named AS (SELECT doc_id, left({column}, {MAX_NAME_CHARS}) AS origin FROM raw_shards),
counted AS (
    SELECT m.recipe, origin, sum(m.kept::INT)::BIGINT AS n_kept, count(*) AS documents
    FROM pruned_mixtures m JOIN named USING (doc_id) WHERE {_TRAINING} GROUP BY m.recipe, origin),
largest AS (
    SELECT origin, max(documents) AS n FROM counted
    GROUP BY origin ORDER BY n DESC, origin LIMIT {MAX_FOLDERS})
SELECT recipe, origin, n_kept / documents AS kept, n AS documents
FROM counted JOIN largest USING (origin) ORDER BY n DESC, origin, recipe
"""


BY_FOLDER = by_origin("split_part(source_path, '/', 1)")
BY_KIND = by_origin("kind")
