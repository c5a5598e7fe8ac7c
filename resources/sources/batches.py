"""Turns a shard's source files into batches of documents and of quarantined records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from guyot.identity import content_digest, doc_id
from guyot.meta import meta_value
from guyot.split import RECORD, record_splits, stated_split
from resources.settings import Settings
from resources.sources.image_folders import ImageFolders
from resources.sources.readers import NO_FOLDERS, read
from resources.sources.records import Document, RejectedRecord
from resources.sources.registry import Entry
from resources.sources.withdrawn import NOTHING, Withdrawn

# the settings that change what a file yields: the ones raw_shards' version must hash
READ_SETTINGS = (
    "reading.text_column",
    "reading.id_column",
    "reading.max_document_bytes",
    "reading.held_out_fraction",
    "seed",
)
# the one that does so where it is set: the split that the source states; and see `unpacking.limits_set`
SPLIT_SETTING = "reading.split_column"
# those that do so beside them where the documents are images
IMAGE_READ_SETTINGS = (
    "reading.documents",
    "reading.image_column",
    "reading.max_image_pixels",
    "reading.min_image_side",
)
# the one that does so beside them where they are episodes
EPISODE_READ_SETTINGS = ("reading.documents",)
BATCH_BYTES = 16_000_000
_ROW_BYTES = 200


@dataclass(frozen=True)
class DocumentBatch:
    """A part of a shard's records: documents, and rejected records.

    images : the encoded bytes of the documents' images, row by row; null of texts
    """

    documents: pa.RecordBatch
    quarantine: pa.RecordBatch
    images: pa.Array

    @property
    def n_records(self) -> int:
        """Records read: documents and quarantined."""
        return self.documents.num_rows + self.quarantine.num_rows


@dataclass
class _Filling:
    """A batch that is being filled; n_bytes is its approximate size."""

    documents: list[tuple[Entry, Document]] = field(default_factory=list)
    quarantine: list[RejectedRecord] = field(default_factory=list)
    n_bytes: int = 0


def batches(
    entries: Iterable[Entry], settings: Settings, documents_schema: pa.Schema, quarantine_schema: pa.Schema,
    *, withdrawn: Withdrawn = NOTHING, folders: ImageFolders = NO_FOLDERS, batch_bytes: int = BATCH_BYTES,
) -> Iterator[DocumentBatch]:  # fmt: skip
    """Read a shard's live files, in the order given, in batches of about `batch_bytes`.

    Parameters
    ----------
    entries : `resources.sources.registry.live_entries`; each has its split
    settings : READ_SETTINGS and SPLIT_SETTING are used, of images IMAGE_READ_SETTINGS too
    documents_schema, quarantine_schema : the columns of the batches: doc_id, content_digest, split and
        fields of Document; fields of RejectedRecord
    withdrawn : documents that are quarantined whatever they hold
    folders : what the metadata files of the source say of its images

    Returns
    -------
    Batches; every record of every file is in one of them once, as a document or as quarantined.
    At least one batch, also of a shard without files.

    Raises
    ------
    CorruptError : a file has changed since it was listed.

    Notes
    -----
    Memory: a few times batch_bytes + max_document_bytes, and what decoding an image takes. Deterministic.
    """
    filling, given = _Filling(), False
    for entry in entries:
        for found in read(entry, settings, folders):
            if isinstance(found, Document):
                filling.documents.append((entry, found))
                filling.n_bytes += len(found.content) + len(found.meta) + len(found.image or b"")
            else:
                filling.quarantine.append(found)
                filling.n_bytes += len(found.detail)
            filling.n_bytes += len(found.record_key) + _ROW_BYTES
            if filling.n_bytes >= batch_bytes:
                yield _batch(filling, settings, documents_schema, quarantine_schema, withdrawn)
                filling, given = _Filling(), True
    if filling.n_bytes or not given:
        yield _batch(filling, settings, documents_schema, quarantine_schema, withdrawn)


def _batch(
    filling: _Filling, settings: Settings, documents_schema: pa.Schema, quarantine_schema: pa.Schema,
    withdrawn: Withdrawn,
) -> DocumentBatch:  # fmt: skip
    """Convert the gathered records to columns."""
    kept, digests = _without(filling, withdrawn)
    documents = [document for _, document in kept]
    columns = {
        "doc_id": [
            doc_id(document.source_path, document.record_key, _identity(document, digest))
            for document, digest in zip(documents, digests, strict=True)
        ],
        "content_digest": digests,
        "split": _splits(kept, settings),
    }
    for name in documents_schema.names:
        if name not in columns:
            columns[name] = [getattr(document, name) for document in documents]
    rejected = {n: [getattr(row, n) for row in filling.quarantine] for n in quarantine_schema.names}
    return DocumentBatch(
        pa.RecordBatch.from_pydict(columns, schema=documents_schema),
        pa.RecordBatch.from_pydict(rejected, schema=quarantine_schema),
        pa.array([document.image for document in documents], pa.binary()),
    )


def _identity(document: Document, digest: str) -> str:
    """Return the digest of all that a document holds: of an image's pixels and caption, or of a text."""
    return digest if document.image is None else content_digest(f"{digest} {document.content}".encode())


def _without(filling: _Filling, withdrawn: Withdrawn) -> tuple[list[tuple[Entry, Document]], list[str]]:
    """Quarantine what is withdrawn; return the other documents and the digests of their contents."""
    kept: list[tuple[Entry, Document]] = []
    digests: list[str] = []
    for entry, document in filling.documents:
        digest = document.pixel_digest or content_digest(document.content.encode())
        why = withdrawn.why(document.source_path, digest)
        if why is None:
            kept.append((entry, document))
            digests.append(digest)
        else:
            filling.quarantine.append(withdrawn.rejected(document, why))
    return kept, digests


def _splits(documents: list[tuple[Entry, Document]], settings: Settings) -> list[str]:
    """Return the split of each document: as its source states, else that of its file, else its own.

    A file's rows are consecutive.
    """
    splits = [entry.split_unit for entry, _ in documents]
    begin = 0
    while begin < len(documents):
        entry, end = documents[begin][0], begin + 1
        while end < len(documents) and documents[end][0] is entry:
            end += 1
        if entry.split_unit == RECORD:
            keys = [document.record_key for _, document in documents[begin:end]]
            drawn = {"fraction": settings.reading.held_out_fraction, "seed": settings.seed}
            splits[begin:end] = record_splits(entry.path, keys, **drawn)
        begin = end
    column = settings.reading.split_column
    if not column:
        return splits
    stated = [stated_split(meta_value(document.meta, column)) for _, document in documents]
    return [own or found for own, found in zip(stated, splits, strict=True)]
