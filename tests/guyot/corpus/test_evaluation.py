"""A corpus and texts that it must hold no copies of."""

import numpy as np
import pytest

import guyot
from guyot.corpus import evaluation as module
from guyot.corpus.evaluation import EvaluationRecords, evaluation_pairs
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import ArrayError, SettingError
from guyot.prune.decontaminate import Decontaminate
from guyot.prune.exact import Exact
from guyot.recipe import Recipe
from guyot.vectors.exact import cosines, unit_float16

RECORD = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
HALF = " ".join(RECORD.split()[:20])  # 8 of the 14 runs of 13 words
REWORDED = " ".join(RECORD.split()[:11] + ["L", "then", *RECORD.split()[12:]])
TEXTS = [f"before {RECORD} after", "nothing of it", HALF, "nothing of it", REWORDED]


def test_copies_go_with_the_record_that_they_are_of() -> None:
    corpus = guyot.Corpus.from_texts(
        TEXTS, evaluation={"bench": ["else", RECORD], "another": ["no words in common"]}
    )
    mixture = corpus.prune(Decontaminate())
    assert mixture.mask.tolist() == [False, True, False, True, True]
    assert mixture.explain(0).startswith(
        "document 0 is dropped by decontaminate: it holds 100% of the word n-grams of record 1 of bench, which is"
    )
    assert "it holds 57% of the word n-grams of record 1 of bench" in mixture.explain(2)
    assert mixture.explain(4).startswith("document 4 is kept: it holds less than 50%")
    assert mixture.dropped["witness_id"].tolist() == ["record 1 of bench"] * 2
    assert mixture.dropped["witness"].tolist() == [5 + 2, 5 + 2]
    beside = mixture.duplicates()
    assert beside["witness_text"].tolist() == [RECORD, RECORD]


def test_it_is_a_step_among_others() -> None:
    recipe = Recipe("clean", (Decontaminate(), Exact()), None)
    mixture = guyot.Corpus.from_texts(TEXTS, evaluation=[RECORD]).prune(recipe)
    assert mixture.mask.tolist() == [False, True, False, False, True]
    assert mixture.dropped["witness_id"].tolist() == ["record 0 of evaluation"] * 2 + ["1"]
    assert mixture.explain(3) == "document 3 is dropped by exact: it is a byte for byte copy of document 1"


def test_reworded_copies_go_by_their_vectors() -> None:
    encoder = HashingEncoder()
    vectors = [unit_float16(encoder.encode(texts)) for texts in (TEXTS, [RECORD])]
    cosine = float(cosines(*vectors)[4, 0])
    corpus = guyot.Corpus.from_texts(TEXTS, evaluation=[RECORD])
    mixture = corpus.prune(Decontaminate(max_cosine=cosine))
    assert mixture.mask.tolist()[4] is False
    assert "its cosine to record 0 of evaluation, which is for evaluation, is" in mixture.explain(4)
    assert corpus.prune(Decontaminate(max_cosine=cosine + 1e-4)).mask.tolist()[4] is True
    with pytest.raises(SettingError, match="the documents came with vectors, the records without"):
        guyot.Corpus.from_texts(TEXTS, vectors=vectors[0], evaluation=[RECORD]).prune(
            Decontaminate(max_cosine=0.9)
        )


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    records = EvaluationRecords({"b": [RECORD, ""], "a": ["nothing of it"]})
    vectors = tuple(
        unit_float16(HashingEncoder().encode([text or "x" for text in some]))
        for some in (TEXTS, records.texts)
    )
    found = evaluation_pairs(TEXTS, records, 0.5, min_cosine=0.8, vectors=(vectors[0], vectors[1]))
    monkeypatch.setattr(module, "_BATCH_DOCUMENTS", 2)
    again = evaluation_pairs(TEXTS, records, 0.5, min_cosine=0.8, vectors=(vectors[0], vectors[1]))
    for name in ("document", "record", "overlap", "jaccard", "cosine"):
        assert np.array_equal(getattr(found, name), getattr(again, name))
    assert found.sets == ("a", "b")
    pairs = list(zip(found.document.tolist(), found.record.tolist(), strict=True))
    assert {(0, 1), (1, 0), (2, 1), (3, 0)} <= set(pairs)


def test_without_records_nothing_is_compared_and_without_the_option_it_is_said() -> None:
    assert guyot.Corpus.from_texts(TEXTS, evaluation=[]).prune(Decontaminate()).mask.all()
    with pytest.raises(ArrayError, match=r"Corpus.from_texts\(..., evaluation=texts\)"):
        guyot.Corpus.from_texts(TEXTS).prune(Decontaminate())
    with pytest.raises(SettingError, match="evaluation is a text; give a list of texts"):
        guyot.Corpus.from_texts(TEXTS, evaluation="a text").prune(Decontaminate())
    with pytest.raises(ArrayError, match="2 texts were given; number 1 is of type int"):
        guyot.Corpus.from_texts(TEXTS, evaluation=["a", 2]).prune(Decontaminate())
