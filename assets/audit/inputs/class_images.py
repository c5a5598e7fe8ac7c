"""Images of the snapshot by class: as many of each, of the largest classes."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.errors import SettingError
from guyot.meta import meta_value
from guyot.seeds import uniforms_of_bits
from resources.settings import Settings

MAX_CLASSES = 6
MAX_NAME_CHARS = 80


def sample_by_class(reader: TableReader, snapshot: Snapshot, settings: Settings) -> dict[str, list[str]]:
    """Draw training images of the six largest classes: doc_ids by class, the largest first.

    Each image is drawn by its doc_id alone, and classes of fewer than `audit.factor_class_size` are left out.

    Raises
    ------
    SettingError : no training image has the field of meta that `audit.factor_label` names.
    """
    label, size = settings.audit.factor_label, settings.audit.factor_class_size
    table = snapshot.table(reader, "raw_shards", ["doc_id", "split", *(["meta"] if label else [])])
    is_training = np.array(table["split"].to_pylist()) == "train"
    if label:
        named = [meta_value(meta, label)[:MAX_NAME_CHARS] for meta in table["meta"].to_pylist()]
    else:
        placed = snapshot.table(reader, "cluster_assignments", ["doc_id", "cluster"])
        clusters = dict(zip(placed["doc_id"].to_pylist(), placed["cluster"].to_pylist(), strict=True))
        named = [f"cluster {clusters[doc_id]}" for doc_id in table["doc_id"].to_pylist()]
    names = np.array([name if known else "" for name, known in zip(named, is_training, strict=True)])
    if label and is_training.any() and not (names != "").any():
        raise SettingError(
            f"audit.factor_label={label!r}, and none of {int(is_training.sum())} training images has that "
            "field in meta; name another, or none for clusters"
        )
    ids = ids_of(table["doc_id"])
    order = np.argsort(uniforms_of_bits(settings.seed, "factor-sample", id_bits(ids)), kind="stable")
    counted = Counter(name for name in names.tolist() if name)
    largest = sorted(
        (name for name, n in counted.items() if n >= size), key=lambda name: (-counted[name], name)
    )
    return {
        name: sorted(one.decode() for one in _first(ids[order], names[order] == name, size))
        for name in largest[:MAX_CLASSES]
    }


def _first(ids: NDArray[np.bytes_], mask: NDArray[np.bool_], size: int) -> list[bytes]:
    """Return the first ids of a mask."""
    return ids[mask][:size].tolist()
