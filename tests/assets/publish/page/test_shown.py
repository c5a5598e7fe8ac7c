"""Pages show images and walks, each drawn in its own way, and of texts nothing."""

import pytest
from support.episodes import graph_episode_lake
from support.images import graph_image_lake
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from assets.publish.page.shown import PICTURED, Shown, pictures, shown


def two(lake: LakeResources) -> list[str]:
    rows = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    return sorted(row["doc_id"] for row in rows)[:2]


@pytest.mark.parametrize(
    "make, what, begins",
    [(graph_image_lake, "image", "data:image/jpeg"), (graph_episode_lake, "walk", "data:image/svg+xml")],
)
def test_a_pair_is_drawn_as_its_documents_are(make, what, begins, tmp_path_factory) -> None:
    lake = make(tmp_path_factory)
    one, other = two(lake)
    with catalogue_of(lake).connect() as connection:
        found = shown(connection, [{"doc_id": one, "witness": other}])
        large = pictures(connection, [one, other], 300)
    assert (found.what, found.has_pictures, found.has_images) == (what, True, what == "image")
    assert set(found.pictures) == set(large) == {one, other}
    assert all(picture.startswith(begins) for picture in found.pictures.values())
    assert found.pictures[one] != large[one], "of another size"
    assert sum(cluster["size"] for cluster in found.clusters) == lake.store.required("cluster_scores").rows


def test_texts_have_no_pictures(tmp_path_factory: pytest.TempPathFactory) -> None:
    lake = graph_lake(tmp_path_factory)
    with catalogue_of(lake).connect() as connection:
        found = shown(connection, [dict(zip(("doc_id", "witness"), two(lake), strict=True))])
    assert (found, found.has_pictures) == (Shown("document", {}, []), False)
    assert PICTURED == ("image", "episode")
