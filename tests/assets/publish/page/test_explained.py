"""A page about one image: escaped, without scripts, with one picture for all recipes of one witness."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.images import RECIPES, graph_image_lake
from support.lake import catalogue_of

from assets.graph.lake import LakeResources
from assets.publish.page.explained import explained_page
from jobs.cli.explain import explain

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_image_lake(tmp_path_factory)


def mixture(lake: LakeResources, recipe: str) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()


def test_explain_writes_the_page_into_the_cache(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    dropped = next(row for row in mixture(lake, "semdedup") if row["reason"] == "near_duplicate")
    page = explain(lake, dropped["doc_id"], None).page
    assert page == tmp_path / "guyot" / "explained" / f"{dropped['doc_id']}.html"
    text = page.read_text()
    assert dropped["witness"] in text
    witnesses = {row["witness"] for name in RECIPES for row in mixture(lake, name)
                 if row["doc_id"] == dropped["doc_id"]} - {None}  # fmt: skip
    assert text.count('alt="witness"') == text.count('alt="dropped"') == len(witnesses)
    assert "<script" not in text


def test_what_every_recipe_keeps_is_shown_once(lake: LakeResources, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = set.intersection(
        *({row["doc_id"] for row in mixture(lake, name) if row["kept"]} for name in RECIPES)
    )
    page = explain(lake, min(kept), None).page
    assert page is not None
    assert page.read_text().count("<img") == 1


def test_hostile_text_is_escaped(lake: LakeResources) -> None:
    (doc_id, *_) = [row["doc_id"] for row in mixture(lake, "semdedup")]
    document = {"doc_id": doc_id, "source_path": HOSTILE, "record_key": HOSTILE, "kind": "image",
                "split": "train", "shard": HOSTILE, "content": HOSTILE}  # fmt: skip
    verdict = SimpleNamespace(recipe=HOSTILE, kept=False, sentence=HOSTILE, similarity=0.5, witness=document)
    with catalogue_of(lake).connect() as connection:
        page = explained_page(connection, document, [verdict])
    assert "<script" not in page
    assert "onerror" not in page.replace("&gt;", "").split("&lt;")[0]
    assert page.count("<img") == 2
    assert 'content="default-src &#39;none&#39;; style-src' in page
