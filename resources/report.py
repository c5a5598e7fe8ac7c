"""Renders the report: one HTML page from the catalogue, everything inline, all text escaped."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from resources import charts
from resources.catalogue import Catalogue

_TEMPLATE = "report.html.jinja"
_PAIRS, _BEGINNING_CHARS = 10, 1500
_PAIRS_SQL = f"""
SELECT m.recipe, m.step, m.reason, m.doc_id, m.witness, s.max_similarity,
       a.source_uri, left(a.content, {_BEGINNING_CHARS}) AS content,
       b.source_uri AS witness_uri, left(b.content, {_BEGINNING_CHARS}) AS witness_content
FROM (SELECT doc_id, min_by(struct_pack(recipe, step, reason, witness), recipe) AS d
      FROM pruned_mixtures WHERE live AND witness IS NOT NULL AND reason = 'near_duplicate'
      GROUP BY doc_id) g,
     LATERAL (SELECT g.doc_id, d.recipe, d.step, d.reason, d.witness) m
JOIN cluster_scores s ON s.doc_id = m.doc_id
JOIN raw_shards a ON a.doc_id = m.doc_id
JOIN raw_shards b ON b.doc_id = m.witness
ORDER BY hash(m.doc_id) LIMIT {_PAIRS}
"""
_BY_LENGTH_SQL = """
SELECT recipe, decile AS length_decile, avg(kept::INT) AS kept FROM (
    SELECT m.recipe, m.kept, ntile(10) OVER (PARTITION BY m.recipe ORDER BY q.bytes, m.doc_id) AS decile
    FROM pruned_mixtures m JOIN quality_signals q USING (doc_id)
    WHERE m.live AND m.step IS DISTINCT FROM 'held_out')
GROUP BY ALL ORDER BY ALL
"""
_BY_CLUSTER_SQL = """
SELECT recipe, place AS cluster_by_share, avg(kept) AS kept FROM (
    SELECT recipe, kept, ntile(50) OVER (PARTITION BY recipe ORDER BY kept, cluster) AS place
    FROM (SELECT m.recipe, s.cluster, avg(m.kept::INT) AS kept
          FROM pruned_mixtures m JOIN cluster_scores s USING (doc_id)
          WHERE m.live GROUP BY m.recipe, s.cluster))
GROUP BY ALL ORDER BY ALL
"""
_RESULTS_SQL = """
SELECT t.recipe, e.slice, avg(e.value) AS value, avg(e.low) AS low, avg(e.high) AS high
FROM evaluations e JOIN training_runs t USING (run_id) GROUP BY ALL ORDER BY ALL
"""
_LOSS_SQL = """
SELECT recipe, tokens, loss FROM (
    SELECT recipe, tokens, loss, row_number() OVER (PARTITION BY recipe ORDER BY tokens) AS place,
           count(*) OVER (PARTITION BY recipe) AS steps
    FROM (SELECT split_part(run, '/', 1) AS recipe, tokens, avg(loss) AS loss
          FROM training_loss GROUP BY ALL))
WHERE place % greatest(1, steps // 200) = 0 ORDER BY ALL
"""


def render(catalogue: Catalogue) -> str:
    """Render the page; a lake that has trained nothing yet has a page too."""
    import jinja2
    import vl_convert
    from markupsafe import Markup

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", "5.20")
    with catalogue.connect() as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            return connection.sql(sql).to_arrow_table().to_pylist()

        documents = rows("SELECT count(*) AS n FROM raw_shards")[0]["n"]
        rejected = rows("SELECT count(*) AS n FROM quarantine")[0]["n"]
        return environment.get_template(_TEMPLATE).render(
            library=Markup(library.replace("</script", "<\\/script")),  # noqa: S704  (a library's own code)
            documents=documents,
            records=documents + rejected,
            board=rows("SELECT * FROM leaderboard"),
            mixtures=rows("SELECT * FROM mixtures ORDER BY recipe, version"),
            charts=[Markup(_script_safe(chart)) for chart in _charts(rows)],  # noqa: S704
            pairs=rows(_PAIRS_SQL),
            quarantine=rows(
                "SELECT reason, count(*) AS records, min(source_uri) AS example FROM quarantine "
                "GROUP BY reason ORDER BY records DESC, reason"
            ),
            runs=rows("SELECT * FROM training_runs ORDER BY run_id"),
            interval=_interval,
        )


def _charts(rows: Any) -> list[Any]:  # noqa: ANN401
    """Draw what there is data for."""
    drawn: list[Any] = []
    results, losses = rows(_RESULTS_SQL), rows(_LOSS_SQL)
    if results:
        drawn += [charts.intervals(results), charts.losses(losses)]
    by_length, by_cluster = rows(_BY_LENGTH_SQL), rows(_BY_CLUSTER_SQL)
    if by_length:
        drawn.append(charts.kept_share(by_length, "length_decile", "Share kept, by length"))
        drawn.append(charts.kept_share(by_cluster, "cluster_by_share", "Share kept, by cluster"))
    similarity = rows("SELECT max_similarity FROM cluster_scores WHERE max_similarity IS NOT NULL")
    if similarity:
        cut = rows(
            "SELECT 1 - max(threshold) AS cut FROM pruned_mixtures WHERE live AND recipe = 'semdedup'"
        )[0]["cut"]
        values = np.array([row["max_similarity"] for row in similarity], np.float32)
        drawn.append(charts.similarities(values, cut))
    sizes = rows("SELECT size FROM cluster_geometry")
    if sizes:
        drawn.append(charts.cluster_sizes(np.array([row["size"] for row in sizes])))
    return drawn


def _script_safe(chart: Any) -> str:  # noqa: ANN401
    """Write a chart as JSON that no text inside it can break out of."""
    text = json.dumps(json.loads(chart.to_json()))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval."""
    return f"{row[value]:.3f} ({row[low]:.3f} to {row[high]:.3f})"
