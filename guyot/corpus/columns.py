"""The columns of documents in memory, each computed when it is first asked for, and once.

By the functions that the graph calls; so that equal texts in the same order give equal numbers.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import Assignments, assign
from guyot.cluster.kmeans import Centroids, KMeansSettings, default_n_clusters, kmeans, sample_rows
from guyot.columns import MinHashPairs
from guyot.corpus.comparisons import ListsInMemory, lists_of, nearest_predecessors
from guyot.corpus.evaluation import EvaluationRecords
from guyot.corpus.options import Options, check_options, encoder_of
from guyot.corpus.progress import Progress
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import ArrayError, SettingError
from guyot.identity import content_digest, doc_id
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.text.signals import Signals, signals
from guyot.vectors.exact import unit_float16

BYTES_PER_TOKEN = 4  # the default without a tokenizer: usual for English text and byte-pair encodings
_ITERATIONS = 10
_POINTS_PER_CLUSTER = 64
_BATCH_DOCUMENTS = 256
_SIGNAL_BATCH = 512


class Columns:
    """Columns of n documents; a column that needs texts raises an error if there are none.

    texts : n texts, or None for documents that are vectors alone
    ids, kinds : n names each

    Raises
    ------
    SettingError : an option that there is not.
    """

    def __init__(
        self,
        texts: list[str] | None,
        ids: list[str],
        kinds: list[str],
        options: Options,
        vectors: NDArray[np.float16] | None = None,
    ) -> None:
        check_options(options)
        self.texts, self.ids, self.kinds, self.options = texts, ids, kinds, options
        self.progress = Progress()
        self._vectors = vectors
        self._minhash: dict[float, MinHashPairs] = {}

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.ids)

    def texts_for(self, what: str) -> list[str]:
        """Return the texts.

        Raises
        ------
        SettingError : these documents have none.
        """
        if self.texts is None:
            raise SettingError(
                f"{what} needs the documents' texts; this corpus of {len(self):,} was made of vectors alone; "
                "make it with Corpus.from_texts(texts, vectors=...)"
            )
        return self.texts

    @cached_property
    def content_digest(self) -> NDArray[np.bytes_]:
        """The digest of each text: S32[n]."""
        return np.array([content_digest(t.encode()) for t in self.texts_for("a content digest")], "S32")

    @cached_property
    def id_bits(self) -> NDArray[np.uint64]:
        """The first 64 bits of each doc_id: uint64[n]; they decide what is drawn at random."""
        digests = [b""] * len(self) if self.texts is None else self.content_digest.tolist()
        pairs = zip(self.ids, digests, strict=True)
        return np.array([int(doc_id("", key, digest.decode())[:16], 16) for key, digest in pairs], np.uint64)

    @cached_property
    def bytes(self) -> NDArray[np.int64]:
        """The size of each text in UTF-8: int64[n]."""
        return np.array([len(text.encode()) for text in self.texts_for("the unit bytes")], np.int64)

    @cached_property
    def lines(self) -> NDArray[np.int64]:
        """The lines of each text: int64[n]; a newline at the very end opens no further one."""
        texts = self.texts_for("a count of lines")
        return np.array([t.count("\n") + (t != "" and t[-1] != "\n") for t in texts], np.int64)

    @cached_property
    def tokens(self) -> NDArray[np.int64]:
        """The tokens of each text, as the options say: int64[n]."""
        given = self.options.get("tokens")
        if given is None:
            return -(-self.bytes // BYTES_PER_TOKEN)
        counted = [given(text) for text in self.texts_for("tokens")] if callable(given) else given
        found = np.asarray(counted)
        if found.shape != (len(self),) or found.dtype.kind not in "iu" or (found < 0).any():
            raise ArrayError(
                f"tokens must be {len(self)} whole numbers from 0, one for each document; got "
                f"{found.dtype}{list(found.shape)}"
            )
        return found.astype(np.int64)

    @cached_property
    def signals(self) -> Signals:
        """The quality signals of each text."""
        texts = self.texts_for("a quality signal")
        self.progress.begin("measuring", len(texts))
        parts: list[Signals] = []
        for begin in range(0, len(texts), _SIGNAL_BATCH):
            some = slice(begin, begin + _SIGNAL_BATCH)
            parts.append(signals(texts[some], self.kinds[some]))
            self.progress.advance(len(texts[some]))
        names = [name for name in vars(parts[0]) if name != "parses"]
        numbers = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return Signals(**numbers, parses=tuple(value for part in parts for value in part.parses))

    @cached_property
    def vectors(self) -> NDArray[np.float16]:
        """The vector of each document: float16[n, d], rows of unit length."""
        if self._vectors is not None:
            return self._vectors
        return self.encoded(self.texts_for("an embedding"))

    @property
    def has_given_vectors(self) -> bool:
        """Whether the documents came with vectors, so that no encoder is known to have made them."""
        return self._vectors is not None

    def encoded(self, texts: list[str]) -> NDArray[np.float16]:
        """Encode texts: float16[n, width], rows of unit length."""
        encoder = encoder_of(self.options.get("encoder"))
        self.progress.begin("encoding", len(texts))
        batches = [
            texts[begin : begin + _BATCH_DOCUMENTS] for begin in range(0, len(texts), _BATCH_DOCUMENTS)
        ]

        def _encoded(batch: list[str]) -> NDArray[np.float16]:
            rows = np.asarray(encoder.encode(batch), np.float32)
            if rows.shape != (len(batch), encoder.width):
                raise ArrayError(
                    f"the encoder was given {len(batch)} texts and has width {encoder.width}; it returned "
                    f"{list(rows.shape)}; encode(texts) must return float32[n, width]"
                )
            self.progress.advance(len(batch))
            return unit_float16(rows)

        # the hashing encoder gives each text the same bytes on any thread; others may be of one thread
        with ThreadPoolExecutor((cpu_count() or 1) if isinstance(encoder, HashingEncoder) else 1) as threads:
            return np.concatenate(list(threads.map(_encoded, batches)))

    @property
    def clustering(self) -> KMeansSettings:
        """The settings of a clustering of these documents."""
        n_clusters = self.options.get("n_clusters") or default_n_clusters(len(self))
        return KMeansSettings(n_clusters, _ITERATIONS, _POINTS_PER_CLUSTER, self.options.get("seed", 0))

    @cached_property
    def centroids(self) -> Centroids:
        """The centroids of a k-means over a sample of the documents."""
        rows = sample_rows(self.id_bits, np.ones(len(self), np.bool_), self.clustering)
        sample = self.vectors[rows]
        self.progress.begin(f"clustering {len(sample):,} documents")
        return kmeans(sample, self.clustering)

    @cached_property
    def assigned(self) -> Assignments:
        """The two nearest centroids of each document."""
        centroids = self.centroids
        self.progress.begin(f"assigning {len(self):,} documents to clusters")
        return assign(self.vectors, centroids.vectors, groups=centroids.groups)

    @cached_property
    def kind_names(self) -> tuple[str, ...]:
        """The kinds that occur, sorted."""
        return tuple(sorted(set(self.kinds)))

    @cached_property
    def kind_numbers(self) -> NDArray[np.int32]:
        """The number of each document's kind in `kind_names`: int32[n]."""
        numbers = {name: number for number, name in enumerate(self.kind_names)}
        return np.array([numbers[kind] for kind in self.kinds], np.int32)

    @cached_property
    def compared(self) -> ListsInMemory:
        """The lists in which documents are compared."""
        return lists_of(self.assigned, self.vectors, len(self.centroids.vectors))

    @cached_property
    def nearest(self) -> NearestPredecessors:
        """The nearest predecessor of each document."""
        compared = self.compared
        self.progress.begin(f"comparing {len(self):,} documents")
        return nearest_predecessors(compared, self.assigned.distance)

    def minhash(self, floor: float) -> MinHashPairs:
        """Compare the documents by their shingles: pairs of a Jaccard similarity at or above a floor."""
        if floor not in self._minhash:
            from guyot.corpus.text_pairs import text_pairs

            texts = self.texts_for("minhash")
            self._minhash[floor] = text_pairs(texts, floor, self.progress)
        return self._minhash[floor]

    @cached_property
    def evaluation(self) -> EvaluationRecords | None:
        """The evaluation records; None where none were given."""
        given = self.options.get("evaluation")
        return None if given is None else EvaluationRecords(given)

    def name_of(self, row: int) -> str:
        """Return a document's id, or behind the documents the name of an evaluation record."""
        if row < len(self) or self.evaluation is None:
            return self.ids[row]
        return self.evaluation.names[row - len(self)]

    def text_of(self, row: int) -> str:
        """Return a document's text, or behind the documents that of an evaluation record."""
        texts = self.texts_for("a text")
        if row < len(self) or self.evaluation is None:
            return texts[row]
        return self.evaluation.texts[row - len(self)]
