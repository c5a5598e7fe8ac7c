"""Assets of other documents: as if no version had been made, whatever is there."""

from pathlib import Path

import pytest
from support.lake import lake_at, scan

from assets.graph import discover, plan
from assets.graph.documents import absent, settings_by_documents, suits
from guyot.errors import MissingError
from recipes import RECIPES


def test_what_is_absent_follows_from_the_declarations(tmp_path: Path) -> None:
    texts, images = (lake_at(tmp_path, tmp_path, reading__documents=name) for name in ("text", "image"))
    assert absent(texts) == {"image_signals", "episode_signals", "map_probes", "data_factor_search"}
    assert absent(images) == {"corruption_sensitivity", "duplicate_truth", "episode_signals", "map_probes"}


def test_settings_by_documents_are_those_of_the_lakes_documents(tmp_path: Path) -> None:
    settings_of = settings_by_documents(text=("training.tokens",), image=("training.images", "seed"))
    texts, images = (lake_at(tmp_path, tmp_path, reading__documents=name) for name in ("text", "image"))
    assert settings_of(texts, "all") == {"training.tokens": 2000}
    assert settings_of(images, "all") == {"training.images": 60, "seed": 0}
    assert settings_of(lake_at(tmp_path, tmp_path, reading__documents="episode"), "all") == {}


def test_a_table_of_other_documents_is_not_read_though_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    images = lake_at(tmp_path / "lake", tmp_path / "source", reading__documents="image", encoder="")
    scan(images)
    with images.store.write("corruption_sensitivity", "all", inputs={}, settings={}, code="") as writer:
        with writer.file("x"):
            pass
    reader = discover.asset("pruned_mixtures").reader(images)
    assert images.store.current("corruption_sensitivity") is not None
    assert reader.current("corruption_sensitivity") is None
    assert reader.partitions("corruption_sensitivity") == []
    with pytest.raises(
        MissingError, match="pruned_mixtures needs corruption_sensitivity, which is not of this"
    ):
        reader.required("corruption_sensitivity")
    assert reader.narrowed("a part", "corruption_sensitivity").current("corruption_sensitivity") is None
    texts = discover.asset("pruned_mixtures").reader(lake_at(tmp_path / "lake", tmp_path / "source"))
    assert texts.current("corruption_sensitivity") is not None


def test_recipes_of_code_and_of_absent_audits_suit_no_images(tmp_path: Path) -> None:
    texts, images = (lake_at(tmp_path, tmp_path, reading__documents=name) for name in ("text", "image"))
    assert [recipe.name for recipe in RECIPES if not suits(recipe, images)] == ["clean", "scip"]
    assert all(suits(recipe, texts) for recipe in RECIPES)
    mixtures = discover.asset("pruned_mixtures")
    assert plan.default_recipes(mixtures, texts) == [recipe.name for recipe in RECIPES]
    assert set(plan.default_recipes(mixtures, texts)) - set(plan.default_recipes(mixtures, images)) == {
        "clean",
        "scip",
    }
    assert plan.keys(mixtures, images, ["scip"]) == ["scip"], "who asks for it gets it"


def test_a_check_of_an_absent_asset_has_nothing_to_look_at(tmp_path: Path) -> None:
    images = lake_at(tmp_path / "lake", tmp_path / "source", reading__documents="image", encoder="")
    of_absent = [check for check in discover.checks() if check.asset in absent(images)]
    assert of_absent
    for check in of_absent:
        result = check.result(images)
        assert result.passed
        assert result.description == "nothing to look at: the lake's documents are image"
