"""A mixture, exported, and what must be in it."""

import json
from pathlib import Path

from guyot.lake.mixture import LakeMixture

PER_FILE = 7


def exported(mixture: LakeMixture, form: str, folder: Path) -> Path:
    """Export a mixture, and look at what is said of it."""
    target = folder / "out"
    n_documents = mixture.export(target, form, documents_per_file=PER_FILE)
    about = {"recipe": mixture.version.key, "mixture_version": mixture.version.name}
    said = json.loads((target / "guyot.json").read_text())
    assert said == {**about, "format": form, "documents": n_documents}
    assert n_documents == len(mixture)
    assert [path.name for path in folder.iterdir()] == ["out"]
    return target


def wanted(mixture: LakeMixture) -> list[dict[str, str]]:
    """Return the documents that a mixture keeps, in its order."""
    return [
        {"doc_id": one.doc_id, "source_path": one.source, "record_key": one.record_key, "kind": one.kind,
         "text": one.text}
        for one in mixture.documents()
    ]  # fmt: skip
