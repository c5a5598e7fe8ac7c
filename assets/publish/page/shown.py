"""What a page shows of documents that can be looked at: images and walks, each drawn in its own way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assets.publish.page import images, walks
from resources.setting_groups import EPISODE, IMAGE

if TYPE_CHECKING:
    import duckdb

PICTURED = (IMAGE, EPISODE)  # the kinds of documents that are drawn


@dataclass(frozen=True)
class Shown:
    """What a page shows of a lake's documents; of a lake of texts nothing.

    what : what a document is called: image, walk or document
    pictures : data URIs, by doc_id
    clusters : of each its number, its size and a sheet of documents as a data URI
    maps : of walks, what a probe read from the agent's memory on the way, as data URIs
    """

    what: str
    pictures: dict[str, str]
    clusters: list[dict[str, Any]]
    maps: list[str] = field(default_factory=list)

    @property
    def has_pictures(self) -> bool:
        """Whether documents can be looked at."""
        return self.what != "document"

    @property
    def has_images(self) -> bool:
        """Whether documents are images."""
        return self.what == "image"


def shown(connection: "duckdb.DuckDBPyConnection", pairs: Sequence[Mapping[str, Any]]) -> Shown:
    """Draw dropped documents and their witnesses, and the clusters.

    Parameters
    ----------
    pairs : with `doc_id` and `witness`
    """
    ids = sorted({pair[side] for pair in pairs for side in ("doc_id", "witness")})
    if images.has_images(connection):
        return Shown("image", images.pictures(connection, ids), images.cluster_sheets(connection))
    if walks.has_walks(connection):
        clusters, maps = walks.cluster_strips(connection), walks.read_maps(connection)
        return Shown("walk", walks.drawings(connection, ids), clusters, maps)
    return Shown("document", {}, [])


def pictures(connection: "duckdb.DuckDBPyConnection", ids: list[str], side: int) -> dict[str, str]:
    """Return a picture of each document that can be looked at, as a data URI, by doc_id.

    Parameters
    ----------
    side : pixels of the square that each is fitted into
    """
    return images.pictures(connection, ids, side) | walks.drawings(connection, ids, side)
