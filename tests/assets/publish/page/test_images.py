"""The report's images: dropped ones beside their witnesses, and what is in the clusters, nearest first."""

import base64
import re
from collections import Counter

import pytest
from support.images import RECIPES, graph_image_lake
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from assets.publish.page import images as page_images
from assets.publish.page.render import render
from assets.publish.page.shown import Shown, shown
from guyot.images.decode import DecodedImage, decode


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_image_lake(tmp_path_factory)


def test_the_report_shows_dropped_images_beside_their_witnesses_and_what_is_in_clusters(
    lake: LakeResources,
) -> None:
    page = render(catalogue_of(lake), RECIPES)
    sources = re.findall(r'<img alt="([^"]*)" src="([^"]*)"', page)
    assert page.count("<img alt") == len(sources)
    kinds = Counter(alt.split(" of ")[0] for alt, _ in sources)
    assert kinds["the dropped image"] == kinds["its witness"] > 3
    n_clusters = len(
        {row["cluster"] for row in lake.store.table(lake.store.required("cluster_scores")).to_pylist()}
    )
    assert kinds["images"] == n_clusters
    for _, source in sources:
        kind, _, content = source.partition(",")
        assert kind == "data:image/jpeg;base64"
        assert isinstance(decode(base64.b64decode(content), max_pixels=10**6), DecodedImage)
    assert "; img-src data:; " in page


def test_a_sheet_goes_from_the_nearest_of_a_cluster_to_the_farthest(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    shards = [lake.store.required("raw_shards", shard) for shard in lake.shards()]
    tables = [lake.store.table(shard, "images.parquet").to_pylist() for shard in shards]
    images_of = {row["doc_id"]: row["image"] for table in tables for row in table}
    monkeypatch.setattr(page_images, "IMAGES_PER_CLUSTER", 3)
    monkeypatch.setattr(page_images, "tiled", lambda pictures, columns: pictures)
    monkeypatch.setattr(page_images, "thumbnail", lambda content, side: content)
    monkeypatch.setattr(page_images, "data_uri", lambda pictures: pictures)
    with catalogue_of(lake).connect() as connection:
        sheets = page_images.cluster_sheets(connection)
    assert [one["size"] for one in sheets] == sorted((one["size"] for one in sheets), reverse=True)
    for one in sheets:
        own = sorted((row for row in scores if row["cluster"] == one["cluster"]),
                     key=lambda row: (row["distance"], row["doc_id"]))  # fmt: skip
        assert one["size"] == len(own)
        assert one["picture"][0] == images_of[own[0]["doc_id"]]
        places = [[images_of[row["doc_id"]] for row in own].index(content) for content in one["picture"]]
        assert places == sorted(set(places))
        n_shown = min(3, len(own))
        assert places == [-(-number * len(own) // n_shown) for number in range(n_shown)]  # evenly outwards


def test_a_lake_of_texts_shows_no_image(tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = graph_lake(tmp_path_factory)
    with catalogue_of(texts).connect() as connection:
        assert shown(connection, []) == Shown("document", {}, [])
    assert "img-src" not in render(catalogue_of(texts), RECIPES).split("<title>")[0]
