"""A transformers encoder: a tiny one made here, and once the real MiniLM."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from support.tiny_bert import WORDS, write_tiny_bert

import guyot
from guyot.encoders import transformer_encoder as module
from guyot.encoders.transformer_encoder import TextModel, TransformerEncoder
from guyot.errors import SettingError
from resources.encoder import EncoderResource
from resources.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bert(tmp_path_factory.mktemp("tiny"))


def _model(folder: Path, **changed: object) -> TextModel:
    asked = TextModel(folder, "mean", 16, 1, 3, "cpu", "float32")
    return dataclasses.replace(asked, **changed)


TEXTS = ["one two", "three", "four five six seven eight nine ten one", "", "two one", "six " * 90]


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_rows_are_pooled_as_by_hand_whatever_their_batch(folder: Path, pooling: str) -> None:
    import torch

    encoder = TransformerEncoder(_model(folder, pooling=pooling))
    rows = encoder.encode(TEXTS)
    assert rows.shape == (6, encoder.width)
    assert rows.dtype == np.float32
    for row, text in zip(rows, TEXTS, strict=True):
        given = encoder._tokenizer(text, truncation=True, max_length=16, return_tensors="pt")
        with torch.inference_mode():
            hidden = encoder._model(**given).last_hidden_state[0].numpy()
        expected = {"mean": hidden.mean(axis=0), "cls": hidden[0], "last": hidden[-1]}[pooling]
        assert row == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_the_same_texts_give_the_same_bytes(folder: Path) -> None:
    encoder = TransformerEncoder(_model(folder))
    first = encoder.encode(TEXTS)
    assert first.tobytes() == encoder.encode(TEXTS).tobytes()
    assert encoder.encode([]).shape == (0, 32)


def test_batches_hold_texts_of_like_length_the_longest_first() -> None:
    assert list(module._batches([3, 9, 3, 5, 9], 2)) == [[1, 4], [3, 0], [2]]


def test_a_long_text_is_the_mean_of_its_windows(folder: Path) -> None:
    encoder = TransformerEncoder(_model(folder, windows=3))
    text = "one two " * 10 + "five six " * 20 + "nine ten " * 40
    places = module.windows(text, 3, 16)
    assert len(places) == 3
    assert (text.startswith(places[0]), text.endswith(places[2])) == (True, True)
    total = TransformerEncoder(_model(folder)).encode(places).sum(axis=0)
    rows = encoder.encode(["one", text, "two"])
    assert rows[1] == pytest.approx(total / np.linalg.norm(total), abs=1e-5)
    assert rows[0] == pytest.approx(encoder.encode(["one"])[0], abs=1e-5)


def test_only_the_beginning_of_a_window_is_read(folder: Path) -> None:
    encoder = TransformerEncoder(_model(folder))
    rows = encoder.encode(["one " * 20 + "two", "one " * 20 + "three"])
    assert rows[0] == pytest.approx(rows[1], abs=1e-6)


def test_more_tokens_than_positions_are_refused(folder: Path) -> None:
    with pytest.raises(SettingError, match="encoding.max_tokens=41, but .* reads at most 40"):
        TransformerEncoder(_model(folder, max_tokens=41))


def test_a_folder_that_transformers_cannot_load_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(SettingError, match="transformers cannot load the encoder in"):
        TransformerEncoder(_model(tmp_path))


def test_a_corpus_takes_a_model_by_its_folder(folder: Path) -> None:
    encoder = module.load(folder, max_tokens=16, n_windows=1)
    assert encoder.encode(TEXTS) == pytest.approx(TransformerEncoder(_model(folder)).encode(TEXTS), abs=1e-6)
    texts = [f"{WORDS[i]} {WORDS[j]}" for i in range(1, 8) for j in range(1, 4)]
    with pytest.raises(SettingError, match="encoding.max_tokens=64, but"):  # the tiny one reads 40
        guyot.Corpus.from_texts(texts, encoder=folder).prune("semdedup", keep=0.5)
    mixture = guyot.Corpus.from_texts(texts, encoder=encoder).prune("semdedup", keep=0.5)
    assert len(mixture) == len(texts) // 2


def test_minilm_puts_paraphrases_near(capfd: pytest.CaptureFixture[str]) -> None:
    resource = EncoderResource(settings=Settings(encoder="minilm"))
    encoder = resource.load()
    rows = encoder.encode(["a cat sat on the mat", "the cat was sitting", "quantum field theory"])
    assert (encoder.id, encoder.width) == (resource.id, 384)
    assert rows[0] @ rows[1] > 0.6
    assert rows[0] @ rows[2] < 0.2
    assert capfd.readouterr() == ("", "")


def test_untrained_weights_are_others_alive_and_the_same_for_a_seed(folder: Path) -> None:
    import torch

    encoder = TransformerEncoder(_model(folder), "own")
    before = encoder.encode(TEXTS).tobytes()
    state = torch.random.get_rng_state()
    fresh, again, other = encoder.untrained(1), encoder.untrained(1), encoder.untrained(2)
    assert (torch.random.get_rng_state() == state).all()
    rows = fresh.encode(TEXTS)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.abs(rows[0] - rows[1]).max() > 1e-3, "texts differ"
    assert rows.tobytes() == again.encode(TEXTS).tobytes() != other.encode(TEXTS).tobytes()
    assert encoder.encode(TEXTS).tobytes() == before != rows.tobytes()
    assert {encoder.id, fresh.id, other.id} == {"own", "own-untrained-1", "own-untrained-2"}
