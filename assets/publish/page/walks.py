"""The report's walks: dropped ones beside their witnesses, a strip per cluster, and maps that were read."""

from typing import TYPE_CHECKING, Any

from assets.navigation.decoded_maps import map_strips
from assets.publish.page.images import PAIR_SIDE, cluster_rows
from assets.publish.page.live_rows import live_rows
from guyot.navigation.drawing import drawn_strip, drawn_walk, svg_data_uri
from guyot.navigation.walks import Walk, parse_walk
from resources.lake.manifest import ROWS

if TYPE_CHECKING:
    import duckdb

CLUSTER_SIDE = 96


def has_walks(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Return whether the documents are episodes."""
    return connection.sql("SELECT count(*) FROM episode_signals").fetchall() != [(0,)]


def drawings(
    connection: "duckdb.DuckDBPyConnection", ids: list[str], side: int = PAIR_SIDE
) -> dict[str, str]:
    """Return a drawing of each document as a data URI, by doc_id; of documents that are no episodes none.

    Parameters
    ----------
    side : pixels of the square
    """
    return {doc_id: svg_data_uri(drawn_walk(walk, side)) for doc_id, walk in _walks(connection, ids).items()}


def cluster_strips(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """Draw the largest clusters: of each its number, its size and a strip of walks as a data URI.

    Walks go from the nearest to the centroid to the farthest.
    """
    clusters = cluster_rows(connection)
    walks = _walks(connection, sorted(doc_id for one in clusters for doc_id in one["ids"]))
    strips: list[dict[str, Any]] = []
    for one in clusters:
        shown = [walks[doc_id] for doc_id in one["ids"] if doc_id in walks]
        if shown:
            picture = svg_data_uri(drawn_strip(shown, len(shown), CLUSTER_SIDE))
            strips.append({"cluster": one["cluster"], "size": one["size"], "picture": picture})
    return strips


def read_maps(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    """Draw what a probe read from an agent's memory over a few walks, as data URIs; none without it."""
    rows = connection.sql("SELECT * FROM probed_maps ORDER BY walk, moment").to_arrow_table().to_pylist()
    return map_strips(rows)


def _walks(connection: "duckdb.DuckDBPyConnection", ids: list[str]) -> dict[str, Walk]:
    """Read the walks of some documents, by doc_id."""
    rows = live_rows(connection, ROWS, ids, "doc_id, content") if has_walks(connection) else {}
    return {doc_id: parse_walk(row["content"]) for doc_id, row in rows.items()}
