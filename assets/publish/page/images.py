"""The report's images: pictures of dropped images beside their witnesses, and a contact sheet per cluster."""

from typing import TYPE_CHECKING, Any

from assets.ingest.raw_shards import IMAGES
from assets.publish.page.live_rows import live_rows
from resources.thumbnails import data_uri, thumbnail, tiled

if TYPE_CHECKING:
    import duckdb

PAIR_SIDE = 192
MAX_CLUSTERS, IMAGES_PER_CLUSTER, CLUSTER_SIDE = 24, 12, 64
MAX_ENCODED_BYTES = 1 << 24  # of a larger image no picture is made: a page is to be there soon
# the nearest to the centroid first, and then evenly outwards: what a cluster is, and how far it goes
_CLUSTERS = """
WITH largest AS (
    SELECT cluster, count(*) AS size FROM cluster_scores
    GROUP BY cluster ORDER BY size DESC, cluster LIMIT $clusters),
ranked AS (
    SELECT cluster, size, doc_id,
           row_number() OVER (PARTITION BY cluster ORDER BY distance, doc_id) - 1 AS rank
    FROM cluster_scores JOIN largest USING (cluster)),
chosen AS (
    SELECT *, floor(rank * $images / size)::INT AS place FROM ranked)
SELECT cluster, size, doc_id FROM chosen
QUALIFY row_number() OVER (PARTITION BY cluster, place ORDER BY rank) = 1
ORDER BY size DESC, cluster, rank
"""


def has_images(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Return whether the documents are images."""
    return connection.sql("SELECT count(*) FROM images").fetchall() != [(0,)]


def pictures(
    connection: "duckdb.DuckDBPyConnection", ids: list[str], side: int = PAIR_SIDE
) -> dict[str, str]:
    """Return a thumbnail of each document that is an image, as a data URI, by doc_id.

    Parameters
    ----------
    side : pixels of the square that each is fitted into
    """
    contents = _contents(connection, ids)
    return {doc_id: data_uri(thumbnail(content, side)) for doc_id, content in contents.items()}


def cluster_sheets(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """Draw the largest clusters: of each its number, its size and a sheet of images as a data URI.

    Images go from the nearest to the centroid to the farthest.
    """
    clusters = cluster_rows(connection)
    contents = _contents(connection, sorted(doc_id for one in clusters for doc_id in one["ids"]))
    sheets: list[dict[str, Any]] = []
    for one in clusters:
        drawn = [thumbnail(contents[doc_id], CLUSTER_SIDE) for doc_id in one["ids"] if doc_id in contents]
        if drawn:
            picture = data_uri(tiled(drawn, IMAGES_PER_CLUSTER))
            sheets.append({"cluster": one["cluster"], "size": one["size"], "picture": picture})
    return sheets


def cluster_rows(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """List the largest clusters: each with its number, its size and some `ids`, the nearest first."""
    limits = {"clusters": MAX_CLUSTERS, "images": IMAGES_PER_CLUSTER}
    found: dict[int, dict[str, Any]] = {}
    for row in connection.sql(_CLUSTERS, params=limits).to_arrow_table().to_pylist():
        one = {"cluster": row["cluster"], "size": row["size"], "ids": []}
        found.setdefault(row["cluster"], one)["ids"].append(row["doc_id"])
    return list(found.values())


def _contents(connection: "duckdb.DuckDBPyConnection", ids: list[str]) -> dict[str, bytes]:
    """Read the encoded images of some documents, by doc_id."""
    columns = f"doc_id, CASE WHEN bytes <= {MAX_ENCODED_BYTES} THEN image ELSE ''::BLOB END AS image"
    return {doc_id: row["image"] for doc_id, row in live_rows(connection, IMAGES.file, ids, columns).items()}
