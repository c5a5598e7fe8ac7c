"""Why there is nothing to work on: what of the source was listed and read, and which setting may be wrong."""

import collections

from assets.graph import plan
from assets.graph.lake import LakeResources
from assets.ingest.raw_shards import DOCUMENTS, QUARANTINE
from guyot.split import TRAIN
from guyot.text.labels import label
from resources.lake.manifest import Manifest

_SETTINGS = {
    "missing_text": "reading.text_column to the column that has the text",
    "missing_text_column": "reading.text_column to the column that has the text",
    "text_not_a_string": "reading.text_column to the column that has the text",
    "missing_image": "reading.image_column to the column that has the image",
    "missing_image_column": "reading.image_column to the column that has the image",
    "image_not_bytes": "reading.image_column to the column that has the image",
    "over_size_limit": "reading.max_document_bytes higher",
    "over_expansion_limit": "reading.max_expansion higher",
    "page_too_large": "reading.max_page_bytes higher",
    "image_too_large": "reading.max_image_pixels higher",
    "image_too_small": "reading.min_image_side lower",
}
_MAX_SHOWN, _MAX_DETAIL_CHARS = 3, 150


def no_files(lake: LakeResources) -> str:
    """Say what was listed where no file is read; empty where one is."""
    registry = lake.store.current(plan.REGISTRY)
    if registry is None or lake.shards():
        return ""
    ignored: dict[str, int] = registry.facts["ignored"]
    found = ", ".join(f"{label(extension) or 'none'} {n}" for extension, n in _most(ignored))
    others = f" and {sum(ignored.values())} that are not, by extension: {found}" if ignored else ""
    return (
        f"source={lake.settings.source!r} was listed: 0 files that are read{others}; set GUYOT_SOURCE to "
        "where the files are, or reading.documents and reading.kinds to what they are"
    )


def no_training_documents(lake: LakeResources) -> str:
    """Say what was read where no document of it is for training; empty where one is.

    Notes
    -----
    Reads the splits of shards up to the first that has one; of all of them, and what is in quarantine, if
    there is none.
    """
    manifests: list[Manifest] = []
    for shard in lake.shards():
        manifest = lake.store.current(DOCUMENTS.name, shard)
        if manifest is None or TRAIN in lake.store.table(manifest, columns=["split"])["split"].to_pylist():
            return ""
        manifests.append(manifest)
    if not manifests:
        return ""
    reasons: collections.Counter[str] = collections.Counter()
    details: dict[str, str] = {}
    for manifest in manifests:
        for row in lake.store.table(manifest, QUARANTINE.file, ["reason", "detail"]).to_pylist():
            reasons[row["reason"]] += 1
            details.setdefault(row["reason"], row["detail"])
    n_documents = sum(manifest.rows for manifest in manifests)
    found = "; ".join(
        f"{n} {reason} (such as: {label(details[reason])[:_MAX_DETAIL_CHARS]})"
        for reason, n in _most(reasons)
    )
    likely = [_SETTINGS[reason] for reason, _ in _most(reasons) if reason in _SETTINGS]
    advice = f"set {likely[0]}" if likely else "the table quarantine has every one"
    if n_documents:
        advice = "lower reading.held_out_fraction, or see reading.held_out_unit and reading.split_column"
    return (
        f"source={lake.settings.source!r} was read: {n_documents} documents, none for training, and "
        f"{sum(reasons.values())} records in quarantine{': ' if found else ''}{found}; {advice}"
    )


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Return the largest counts, equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MAX_SHOWN]
