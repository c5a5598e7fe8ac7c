"""The report's walks: dropped ones beside their witnesses, and strips of clusters, nearest first."""

import re
from collections import Counter

import pytest
from support.episodes import RECIPES, graph_episode_lake
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from assets.publish.page import walks as page_walks
from assets.publish.page.render import render
from guyot.navigation.drawing import drawn_walk, svg_data_uri
from guyot.navigation.walks import format_walk, parse_walk


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_episode_lake(tmp_path_factory)


def test_the_report_shows_dropped_walks_beside_their_witnesses_and_clusters(lake: LakeResources) -> None:
    page = render(catalogue_of(lake), RECIPES)
    sources = re.findall(r'<img alt="([^"]*)" src="([^"]*)"', page)
    kinds = Counter(alt.split(" of ")[0] for alt, _ in sources)
    assert kinds["the dropped walk"] == kinds["its witness"] >= 3
    assert kinds["walks"] == len(
        {row["cluster"] for row in lake.store.table(lake.store.required("cluster_scores")).to_pylist()}
    )
    assert all(source.startswith("data:image/svg+xml;base64,") for _, source in sources)
    assert "; img-src data:; " in page
    assert "Only lines that differ" not in page


def test_a_drawing_is_of_the_documents_own_walk(lake: LakeResources) -> None:
    rows = lake.store.table(lake.store.required("raw_shards", lake.shards()[0])).to_pylist()[:3]
    with catalogue_of(lake).connect() as connection:
        found = page_walks.drawings(connection, [*(row["doc_id"] for row in rows), "0" * 32], 99)
    assert found == {row["doc_id"]: svg_data_uri(drawn_walk(parse_walk(row["content"]), 99)) for row in rows}


def test_a_strip_goes_from_the_nearest_of_a_cluster_to_the_farthest(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    texts = {row["doc_id"]: row["content"] for shard in lake.shards()
             for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()}  # fmt: skip
    monkeypatch.setattr(
        page_walks, "drawn_strip", lambda walks, columns, side: [format_walk(w) for w in walks]
    )
    monkeypatch.setattr(page_walks, "svg_data_uri", lambda drawn: drawn)
    with catalogue_of(lake).connect() as connection:
        strips = page_walks.cluster_strips(connection)
    assert [one["size"] for one in strips] == sorted((one["size"] for one in strips), reverse=True)
    for one in strips:
        own = sorted((row for row in scores if row["cluster"] == one["cluster"]),
                     key=lambda row: (row["distance"], row["doc_id"]))  # fmt: skip
        assert one["size"] == len(own)
        assert one["picture"][0] == texts[own[0]["doc_id"]]
        assert len(one["picture"]) == min(12, len(own))


def test_a_lake_of_texts_has_no_walks(tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = graph_lake(tmp_path_factory)
    ids = [row["doc_id"] for row in texts.store.table(texts.store.required("cluster_scores")).to_pylist()][:2]
    with catalogue_of(texts).connect() as connection:
        assert not page_walks.has_walks(connection)
        assert page_walks.drawings(connection, ids) == {}
