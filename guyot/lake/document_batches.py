# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The documents of a shard, some at a time, and of a lake of images each image beside its caption."""

from collections.abc import Iterator

import pyarrow as pa

from guyot.errors import CorruptError
from guyot.lake.names import CONTENT, DOC_ID, IMAGE, IMAGES, KIND, RECORD_KEY, SOURCE
from guyot.lake.versions import Version, Versions

NAMES = [DOC_ID, SOURCE, RECORD_KEY, KIND]
_BATCH_ROWS = 1024
_BATCH_IMAGES = 64


def document_batches(versions: Versions, shard: Version, *, has_images: bool) -> Iterator[pa.RecordBatch]:
    """Read a shard's documents: `NAMES`, the content and, where there are images, the image.

    Raises
    ------
    CorruptError : the images are of other documents.
    """
    names = [*NAMES, CONTENT]
    if not has_images:
        with versions.parquet(shard) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=names):
                yield batch.select(names)
        return
    captions = versions.rows(shard, names).select(names).combine_chunks()
    begin = 0
    with versions.parquet(shard, IMAGES) as file:
        for images in file.iter_batches(_BATCH_IMAGES, columns=[DOC_ID, IMAGE]):
            own = captions.slice(begin, len(images)).to_batches()
            if not own or not own[0][DOC_ID].equals(images[DOC_ID]):
                raise CorruptError(
                    f"documents {begin} to {begin + len(images)} of {shard.folder} have images of other "
                    "documents; build raw_shards again"
                )
            yield own[0].append_column(IMAGE, images[IMAGE])
            begin += len(images)
