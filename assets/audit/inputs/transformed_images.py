"""Images of the snapshot, transformed at each magnitude, and the vectors of both."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.audit.inputs.transformed_documents import PICTURE, TransformedVectors
from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.ingest.inputs.shard_images import decoded, image_batches
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS
from guyot.audit.invariance.responses import MIN_DOCUMENTS
from guyot.encoders.pixel_encoder import ImageEncoder
from guyot.images import decode
from guyot.seeds import draw_sample, generator
from guyot.vectors.exact import unit_float16
from resources.progress import WorkProgress
from resources.settings import Settings

Pixels = NDArray[np.uint8]
MAX_SIDE = 256  # pixels: a larger image is scaled to it before it is transformed


def image_settings(settings: Settings) -> dict[str, Any]:
    """Return what decides, beside the documents and the seed, which pixels are transformed."""
    size = settings.audit.invariance_image_sample_size
    return {"audit.invariance_image_sample_size": size, "decoding": decode.version()}


def sample_images(reader: TableReader, snapshot: Snapshot, settings: Settings) -> dict[str, Pixels]:
    """Draw training images, each by its doc_id alone: pixels by doc_id, in the order of the ids."""
    table = snapshot.table(reader, "raw_shards", ["doc_id", "split"])
    ids = ids_of(table.filter(pc.equal(table["split"], "train"))["doc_id"])
    size = settings.audit.invariance_image_sample_size
    drawn = draw_sample(settings.seed, "invariance-sample", id_bits(ids), size)
    return pixels_of(reader, snapshot, [one.decode() for one in np.sort(ids[drawn]).tolist()], settings)


def pixels_of(
    reader: TableReader, snapshot: Snapshot, wanted: Sequence[str], settings: Settings
) -> dict[str, Pixels]:
    """Decode some images, the longer side of each at most 256 pixels: by doc_id, in the order given."""
    found: dict[str, Pixels] = {}
    asked = frozenset(wanted)
    for manifest in snapshot.manifests(reader, "raw_shards") if wanted else []:
        if asked.isdisjoint(reader.table(manifest, columns=["doc_id"])["doc_id"].to_pylist()):
            continue
        for batch in image_batches(reader, manifest):
            for doc_id, image in zip(batch.ids, batch.images, strict=True):
                if doc_id in asked:
                    found[doc_id] = _at_most(MAX_SIDE, decoded(image, doc_id, settings).pixels)
    return {doc_id: found[doc_id] for doc_id in wanted}


def transformed_image_vectors(
    images: Mapping[str, Pixels], encoder: ImageEncoder, magnitudes: tuple[float, ...], *,
    seed: int, work: str,
) -> Iterator[TransformedVectors]:  # fmt: skip
    """Transform and encode images: by transformation, at each magnitude.

    Parameters
    ----------
    images : pixels by doc_id
    work : what progress is reported of

    Yields
    ------
    Where a transformation has a place in three images at least; the others are left out.

    Notes
    -----
    The images of all magnitudes of a transformation are encoded together: a model fills up its batches.
    """
    if len(images) < MIN_DOCUMENTS:
        return
    n_images = len(IMAGE_TRANSFORMATIONS) * len(magnitudes) * len(images)
    progress = WorkProgress(work, n_images, "images")
    original = unit_float16(encoder.encode(images.values()))
    for name, transform in IMAGE_TRANSFORMATIONS.items():
        rows: list[tuple[float, int]] = []

        def made(name: str = name, rows: list[tuple[float, int]] = rows) -> Iterator[Pixels]:
            for magnitude in magnitudes:
                for row, (doc_id, pixels) in enumerate(images.items()):
                    found = transform(pixels, magnitude, generator(seed, "transformation", name, doc_id))  # noqa: B023
                    progress.advance()
                    if found is not None:
                        rows.append((magnitude, row))
                        yield found

        vectors = unit_float16(encoder.encode(made()))
        for magnitude in magnitudes:
            at = [place for place, (of, _) in enumerate(rows) if of == magnitude]
            if len(at) >= MIN_DOCUMENTS:
                own = original[[rows[place][1] for place in at]]
                yield TransformedVectors(PICTURE, name, magnitude, own, vectors[at])


def _at_most(side: int, pixels: Pixels) -> Pixels:
    """Scale an image whose longer side is longer."""
    longer = max(pixels.shape[:2])
    if longer <= side:
        return pixels
    from PIL import Image

    height, width = (max(1, round(size * side / longer)) for size in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))
