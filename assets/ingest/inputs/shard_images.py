"""The images of a shard with their captions, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from assets.graph.reader import TableReader
from assets.ingest.raw_shards import IMAGES
from guyot.errors import CorruptError
from guyot.images.decode import DecodedImage, ImageProblem, decode
from resources.lake.manifest import Manifest
from resources.settings import Settings

BATCH_IMAGES = 32  # of at most reading.max_document_bytes each


@dataclass(frozen=True)
class ImageBatch:
    """Some images of a shard, side by side: doc_ids, captions, encoded bytes."""

    ids: list[str]
    captions: list[str]
    images: list[bytes]


def image_batches(reader: TableReader, documents: Manifest) -> Iterator[ImageBatch]:
    """Read a shard's images in the order of its documents, 32 at a time.

    Raises
    ------
    CorruptError : the images are not those of the documents.
    """
    captions = reader.batches(documents, ["doc_id", "content"], BATCH_IMAGES)
    images = reader.batches(documents, ["doc_id", "image"], BATCH_IMAGES, IMAGES.file)
    begin = 0
    for one, other in zip(captions, images, strict=True):
        ids = one["doc_id"].to_pylist()
        if ids != other["doc_id"].to_pylist():
            raise CorruptError(
                f"documents {begin} to {begin + len(ids)} of raw_shards/{documents.key} version "
                f"{documents.version} have images of other documents; materialize raw_shards again"
            )
        yield ImageBatch(ids, one["content"].to_pylist(), other["image"].to_pylist())
        begin += len(ids)


def decoded(image: bytes, doc_id: str, settings: Settings) -> DecodedImage:
    """Decode an image that was decoded before.

    Raises
    ------
    CorruptError : it cannot be.
    """
    reading = settings.reading
    found = decode(image, max_pixels=reading.max_image_pixels, min_side=reading.min_image_side)
    if isinstance(found, ImageProblem):
        raise CorruptError(
            f"document {doc_id} was decoded when it was read; now: {found.reason}, {found.detail}; "
            "materialize raw_shards again"
        )
    return found
