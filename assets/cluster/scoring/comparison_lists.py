"""The lists in which documents are compared, with their vectors, for methods that need all pairs.

for rows, vectors in ComparisonListReader.of(reader, manifest):
    ...  # rows int64[m] of the scores, in visiting order; vectors float16[m, d]
"""

import dataclasses
from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import scored_documents
from assets.cluster.scoring.cluster_members import ClusterMembers, VectorRequest, read_vectors
from assets.cluster.scoring.document_locations import DocumentLocations
from assets.cluster.scoring.scored_documents import Assigned
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot, snapshot_of
from guyot.prune.near_duplicates.comparison_lists import Lists, comparison_lists
from resources import progress
from resources.lake.manifest import Manifest
from resources.places import is_remote
from resources.storage.concurrent import read_ahead

ALL_PAIRS, PER_CLUSTER = "all_pairs", "per_cluster"
BUCKET_ROWS = 16_384  # entries of adjacent lists that are read together
RANGE_BYTES = 1 << 20  # of each shard on S3, on average: a request costs as much as so many bytes
MAX_BUCKET_BYTES = 1 << 28  # for which fewer bytes of each shard are read
_N_AHEAD = 2  # buckets that are read ahead; on S3 one, which is larger
MIN_BUCKETS = 256  # so that there is work for that many processors


def lists_of(documents: DocumentLocations, n_clusters: int, mode: str) -> Lists:
    """Put documents into one list per cluster, visitors too; or with all pairs all into one list."""
    if mode == ALL_PAIRS:
        one = np.zeros_like(documents.cluster)
        return comparison_lists(documents.distance, one, documents.border_cluster, 1)
    return comparison_lists(documents.distance, documents.cluster, documents.border_cluster, n_clusters)


class ComparisonListReader:
    """Some comparison lists of a snapshot's documents; iterated over, those that are not empty, one by one.

    Memory holds the vectors of a few buckets of lists, read ahead in part. In the mode all_pairs the
    one list comes whole: it has no more documents than `clustering.all_pairs_max_documents`.

    wanted : the lists to read, ascending
    """

    def __init__(
        self,
        reader: TableReader,
        snapshot: Snapshot,
        documents: DocumentLocations,
        lists: Lists,
        wanted: list[int],
        n_clusters: int,
    ) -> None:
        self._document, self._begins, self._n_clusters = lists.document, lists.begins, n_clusters
        self._sizes = np.diff(lists.begins)
        read = np.zeros(len(self._sizes), np.bool_)
        read[wanted] = True
        self._members = ClusterMembers(reader, snapshot, documents, lists, np.repeat(read, self._sizes))
        shape = (len(snapshot.names), self._members.width)
        n_rows = bucket_rows(*shape, len(lists.document), is_remote=is_remote(reader.root))
        self._n_ahead = 1 if is_remote(reader.root) else _N_AHEAD
        self.buckets = list(_buckets(wanted, self._sizes.tolist(), n_rows))

    @classmethod
    def of(
        cls,
        reader: TableReader,
        manifest: Manifest,
        wanted: NDArray[np.bool_] | None = None,
        assigned: Assigned | None = None,
    ) -> Self:
        """Open the lists of a version of cluster_scores; rows are those of its documents, by doc_id.

        Parameters
        ----------
        wanted : bool[n]: open those alone that hold such a document; None: all
        assigned : the documents' clusters and distances, where these are held already

        Raises
        ------
        MissingError : the lake does not hold its snapshot any more.
        """
        documents, n_clusters = (
            scored_documents.read_locations(reader, manifest, with_ids=False, assigned=assigned),
            manifest.files[scored_documents.CLUSTERS.file].rows,
        )
        lists = lists_of(documents, n_clusters, manifest.facts["mode"])
        chosen = np.arange(len(lists.begins) - 1)
        if wanted is not None:
            chosen = lists.holding(wanted[lists.document])
        return cls(reader, snapshot_of(manifest), documents, lists, chosen.tolist(), n_clusters)

    def span(self, bucket: list[int]) -> slice:
        """Return the range of entries of a bucket of adjacent lists."""
        return slice(self._begins[bucket[0]], self._begins[bucket[-1] + 1])

    def request(self, bucket: list[int]) -> VectorRequest:
        """Return how to read the vectors of a bucket of adjacent lists, in the order of its entries."""
        span = self.span(bucket)
        alone = len(self._sizes) == 1  # all pairs: the one list is of all clusters
        clusters = (0, self._n_clusters) if alone else (bucket[0], bucket[-1] + 1)
        return self._members.request(*clusters, span.start, span.stop - span.start)

    def __iter__(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield each list that is not empty: rows int64[m] in visiting order, vectors float16[m, d]."""
        for bucket, vectors in read_ahead(self._with_vectors, self.buckets, self._n_ahead):
            progress.check_stop()
            first = self.span(bucket).start
            for number in bucket:
                begin, end = self._begins[number : number + 2]
                if begin < end:
                    rows = self._document[begin:end].astype(np.int64)
                    yield rows, vectors[begin - first : end - first]
            del vectors  # before the next is waited for

    def _with_vectors(self, bucket: list[int]) -> tuple[list[int], NDArray[np.float16]]:
        """Read the vectors of a bucket."""
        return bucket, read_vectors(self.request(bucket))


@dataclasses.dataclass(frozen=True)
class ScoredLists:
    """The comparison lists of a version of cluster_scores, read when a method asks for them.

    assigned : its documents' clusters and distances, where these are held already
    """

    reader: TableReader
    scores: Manifest
    assigned: Assigned | None = None

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows in visiting order, vectors) of each list, or of those with a wanted document."""
        yield from ComparisonListReader.of(self.reader, self.scores, wanted, self.assigned)


def bucket_rows(n_shards: int, width: int, n_entries: int, *, is_remote: bool) -> int:
    """Return how many entries of lists are read together: on S3 more, so that there are fewer requests.

    Parameters
    ----------
    width : coordinates of a vector
    n_entries : of all lists
    is_remote : whether the lake is on S3

    Examples
    --------
    >>> bucket_rows(200, 384, 10**8, is_remote=False), bucket_rows(200, 384, 10**8, is_remote=True)
    (16384, 273066)
    """
    if not is_remote:
        return BUCKET_ROWS
    most = min(n_shards * RANGE_BYTES, MAX_BUCKET_BYTES) // (2 * width)
    return max(BUCKET_ROWS, min(most, n_entries // MIN_BUCKETS))


def _buckets(wanted: list[int], sizes: list[int], bucket_rows: int) -> Iterator[list[int]]:
    """Join adjacent lists up to a number of entries; a larger list has a bucket to itself."""
    bucket: list[int] = []
    n_rows = 0
    for number in wanted:
        if bucket and (number != bucket[-1] + 1 or n_rows + sizes[number] > bucket_rows):
            yield bucket
            bucket, n_rows = [], 0
        bucket.append(number)
        n_rows += sizes[number]
    if bucket:
        yield bucket
