"""The targets of a snapshot's images as text: what a model is trained to tell of each."""

from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.train.image_targets import ImageTargets
from resources.setting_groups import IMAGE
from resources.settings import Settings

_BATCH_DOCUMENTS = 4096


def targets_of(settings: Settings) -> ImageTargets | None:
    """Return where a lake's settings say that the targets of its images are; None in a lake of texts.

    Raises
    ------
    SettingError : labels without a column.
    """
    if settings.reading.documents != IMAGE:
        return None
    return ImageTargets(settings.training.image_objective, settings.training.label_column)


def target_texts(
    reader: TableReader, snapshot: Snapshot, targets: ImageTargets, split: str = ""
) -> dict[bytes, str]:
    """Read the target of every image of a snapshot, by doc_id; empty where it has none.

    Parameters
    ----------
    split : train or held_out: of these images alone
    """
    found: dict[bytes, str] = {}
    columns = ["doc_id", "content", "meta", "split"]
    for manifest in snapshot.manifests(reader, "raw_shards"):
        for batch in reader.batches(manifest, columns, _BATCH_DOCUMENTS):
            ids, captions, metas, splits = (batch[name].to_pylist() for name in columns)
            texts = targets.of(captions, metas)
            for doc_id, text, of in zip(ids, texts, splits, strict=True):
                if split in ("", of):
                    found[doc_id.encode()] = text
    return found
