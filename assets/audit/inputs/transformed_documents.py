"""Documents of the snapshot, transformed at each magnitude, and the vectors of both."""

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.audit.invariance.code_transformations import CODE_TRANSFORMATIONS
from guyot.audit.invariance.responses import MIN_DOCUMENTS
from guyot.audit.invariance.text_transformations import TEXT_TRANSFORMATIONS, Transformation
from guyot.encoders.hashing import Encoder
from guyot.seeds import draw_sample, generator
from guyot.vectors.exact import unit_float16
from resources.progress import WorkProgress
from resources.settings import Settings

PYTHON, OTHER, PICTURE = "python", "other", "image"
MAGNITUDES = tuple(round(0.1 * step, 1) for step in range(1, 11))
MAX_CHARS = 100_000  # of a longer document only the beginning is taken
TRANSFORMATIONS: Mapping[str, Mapping[str, Transformation]] = {
    PYTHON: {**TEXT_TRANSFORMATIONS, **CODE_TRANSFORMATIONS},
    OTHER: TEXT_TRANSFORMATIONS,
}


@dataclasses.dataclass(frozen=True)
class TransformedVectors:
    """Vectors of documents of a kind and of the same transformed, float16[n, d] each, row by row."""

    kind: str
    transformation: str
    magnitude: float
    original: NDArray[np.float16]
    transformed: NDArray[np.float16]


def sample(reader: TableReader, snapshot: Snapshot, settings: Settings) -> dict[str, dict[str, str]]:
    """Draw training documents, each by its doc_id alone: texts by doc_id, of Python and of other kinds."""
    table = snapshot.table(reader, "raw_shards", ["doc_id", "kind", "split"])
    training = table.filter(pc.equal(table["split"], "train"))
    is_python = pc.equal(training["kind"], PYTHON)
    found: dict[str, dict[str, str]] = {}
    for kind, mask in ((PYTHON, is_python), (OTHER, pc.invert(is_python))):
        ids = ids_of(training.filter(mask)["doc_id"])
        drawn = draw_sample(
            settings.seed, "invariance-sample", id_bits(ids), settings.audit.invariance_sample_size
        )
        wanted = np.sort(ids[drawn])
        contents = snapshot.contents(reader, wanted) if len(wanted) else {}
        found[kind] = {doc_id.decode(): contents[doc_id][:MAX_CHARS] for doc_id in wanted.tolist()}
    return found


def transformed_vectors(
    texts: Mapping[str, Mapping[str, str]], encoder: Encoder, magnitudes: tuple[float, ...], *,
    seed: int, work: str,
) -> Iterator[TransformedVectors]:  # fmt: skip
    """Transform and encode documents: by kind and transformation, at each magnitude.

    Parameters
    ----------
    texts : by kind and doc_id
    work : what progress is reported of

    Yields
    ------
    Where a transformation has a place in three documents at least; the others are left out.
    """
    wanted = [(kind, name) for kind in texts if len(texts[kind]) >= MIN_DOCUMENTS
              for name in TRANSFORMATIONS[kind]]  # fmt: skip
    progress = WorkProgress(work, len(wanted) * len(magnitudes), "encodings of the sample")
    for kind, found in texts.items():
        ids = list(found)
        names = [name for of, name in wanted if of == kind]
        original = unit_float16(encoder.encode(list(found.values()))) if names else None
        for name in names:
            for magnitude in magnitudes:
                made = {
                    row: TRANSFORMATIONS[kind][name](
                        found[doc_id], magnitude, generator(seed, "transformation", name, doc_id)
                    )
                    for row, doc_id in enumerate(ids)
                }
                rows = [row for row, text in made.items() if text is not None]
                if original is not None and len(rows) >= MIN_DOCUMENTS:
                    vectors = unit_float16(
                        encoder.encode([text for text in made.values() if text is not None])
                    )
                    yield TransformedVectors(kind, name, magnitude, original[rows], vectors)
                progress.advance()
