"""The columns that a recipe needs, and sentences for every recipe."""

import pytest

from guyot import Bounds, Corpus
from guyot.errors import SettingError
from guyot.recipes import NAMED

TEXTS = [f"text number {i} of some says {'so ' * (i % 5)}" for i in range(60)] + ["one text twice"] * 2


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.from_texts(TEXTS, kinds=["python", "text"] * 31)


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
def test_every_recipe_cuts_and_says_why_of_every_document(corpus: Corpus, recipe) -> None:
    mixture = corpus.prune(recipe.name)
    assert len(mixture.kept) + len(mixture.dropped) == 62
    if recipe.target_fraction is not None and recipe.unit == "documents":
        assert len(mixture) == int(62 * recipe.target_fraction)
    said = [mixture.explain(row) for row in range(62)]
    assert all(("is kept: " in line) == kept for line, kept in zip(said, mixture.mask, strict=True))
    assert not [line for line in said if "none" in line.split() or "nan" in line.split()]


def test_a_recipe_alone_gives_what_it_gives_after_others(corpus: Corpus) -> None:
    for recipe in NAMED:
        alone = Corpus.from_texts(TEXTS, kinds=["python", "text"] * 31).prune(recipe.name)
        assert alone.mask.tolist() == corpus.prune(recipe.name).mask.tolist()


def test_a_signal_that_no_corpus_has_is_refused(corpus: Corpus) -> None:
    with pytest.raises(SettingError, match=r"'nope' was asked for; a corpus has alpha.*, words; name one"):
        corpus.prune(Bounds("nope", at_least=1))
    assert len(corpus.prune(Bounds("words", at_least=4))) == 60
