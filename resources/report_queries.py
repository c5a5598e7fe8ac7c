"""What the report asks the catalogue: small aggregates, and the beginnings of a few documents."""

from resources.charts import BINS, MAX_CLUSTERS

PAIRS, BEGINNING_CHARS = 12, 2500
_TRAINING = "m.live AND m.step IS DISTINCT FROM 'held_out'"

COUNTS = """
SELECT (SELECT count(*) FROM raw_shards) AS documents, (SELECT count(*) FROM quarantine) AS rejected,
       (SELECT count(*) FROM raw_shards WHERE split = 'held_out') AS held_out,
       (SELECT coalesce(sum(tokens), 0) FROM quality_signals) AS tokens
"""
MIXTURES = "SELECT * FROM mixtures ORDER BY recipe, version"
BOARD = "SELECT * FROM leaderboard"
RUNS = "SELECT * FROM training_runs ORDER BY run_id"
QUARANTINE = """
SELECT reason, count(*) AS records, min(source_uri) AS example FROM quarantine
GROUP BY reason ORDER BY records DESC, reason
"""
# the pairs are drawn before their contents are read: by the hash of the id, so always the same ones
PAIRS_SHOWN = f"""
WITH shown AS (
    SELECT doc_id, arg_min(m, recipe) AS m
    FROM (SELECT doc_id, recipe, struct_pack(recipe, step, reason, witness) AS m FROM pruned_mixtures
          WHERE live AND witness IS NOT NULL)
    GROUP BY doc_id ORDER BY hash(doc_id) LIMIT {PAIRS}
)
SELECT m.recipe, m.step, m.reason, shown.doc_id, m.witness, s.max_similarity, s.witness AS nearest,
       a.source_uri, left(a.content, {BEGINNING_CHARS}) AS content,
       b.source_uri AS witness_uri, left(b.content, {BEGINNING_CHARS}) AS witness_content
FROM shown JOIN cluster_scores s USING (doc_id)
JOIN raw_shards a USING (doc_id) JOIN raw_shards b ON b.doc_id = m.witness
ORDER BY s.max_similarity DESC, shown.doc_id
"""
BY_LENGTH = f"""
SELECT recipe, decile AS length_decile, avg(kept::INT) AS kept FROM (
    SELECT m.recipe, m.kept, ntile(10) OVER (PARTITION BY m.recipe ORDER BY q.bytes, m.doc_id) AS decile
    FROM pruned_mixtures m JOIN quality_signals q USING (doc_id) WHERE {_TRAINING})
GROUP BY ALL ORDER BY ALL
"""
BY_CLUSTER = f"""
SELECT recipe, place AS cluster_by_share, avg(kept) AS kept FROM (
    SELECT recipe, kept, ntile(50) OVER (PARTITION BY recipe ORDER BY kept, cluster) AS place
    FROM (SELECT m.recipe, s.cluster, avg(m.kept::INT) AS kept
          FROM pruned_mixtures m JOIN cluster_scores s USING (doc_id)
          WHERE {_TRAINING} GROUP BY m.recipe, s.cluster))
GROUP BY ALL ORDER BY ALL
"""
BY_SOURCE = f"""
WITH named AS (
    SELECT m.recipe, m.kept, left(split_part(r.source_uri, '/', 1), 40) AS source
    FROM pruned_mixtures m JOIN raw_shards r USING (doc_id) WHERE {_TRAINING}),
largest AS (SELECT source, count(*) AS n FROM named GROUP BY source ORDER BY n DESC, source LIMIT 15)
SELECT recipe, source, avg(kept::INT) AS kept, count(*) AS documents, any_value(n) AS n
FROM named JOIN largest USING (source) GROUP BY recipe, source ORDER BY n DESC, source, recipe
"""
RESULTS = """
SELECT t.recipe, e.slice, avg(e.value) AS value, avg(e.low) AS low, avg(e.high) AS high
FROM evaluations e JOIN training_runs t USING (run_id) GROUP BY ALL ORDER BY ALL
"""
LOSSES = """
SELECT recipe, max(tokens) AS tokens, avg(loss) AS loss FROM (
    SELECT recipe, tokens, loss, ntile(100) OVER (PARTITION BY recipe ORDER BY tokens) AS part
    FROM (SELECT split_part(run, '/', 1) AS recipe, tokens, avg(loss) AS loss
          FROM training_loss GROUP BY ALL))
GROUP BY recipe, part ORDER BY ALL
"""
SIMILARITIES = f"""
SELECT greatest(0, least({BINS - 1}, floor(max_similarity * {BINS})))::INT AS bin, count(*) AS documents
FROM cluster_scores WHERE max_similarity IS NOT NULL GROUP BY bin ORDER BY bin
"""
CUTS = """
SELECT recipe, 1 - max(threshold) AS cut FROM pruned_mixtures
WHERE live AND step = 'semdedup' AND reason = 'near_duplicate' GROUP BY recipe ORDER BY recipe
"""
SIZES = f"SELECT size FROM cluster_geometry ORDER BY size DESC, cluster LIMIT {MAX_CLUSTERS}"
