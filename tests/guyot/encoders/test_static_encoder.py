"""A static encoder: vectors added by hand, the same bits in any batch, wrong files refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from support.static_model import VECTORS, WORDS, write_static_model

import guyot
from guyot.encoders import static_encoder as module
from guyot.encoders.hashing import HashingEncoder
from guyot.encoders.static_encoder import StaticEncoder, is_static, load
from guyot.errors import SettingError

TEXT = st.lists(st.sampled_from([*WORDS, "ones", "threes,", "unheard", "\n", "\t", "."]), max_size=30).map(
    " ".join
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_static_model(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of random float32 values, of which float64 sums round in some orders."""
    vectors = np.random.default_rng(0).normal(size=(8, 16)) * np.logspace(-9, 0, 16)
    return write_static_model(tmp_path_factory.mktemp("rough"), vectors)


def _unit(vector: list[float]) -> np.ndarray:
    return (np.array(vector) / np.linalg.norm(vector)).astype(np.float32)


def test_a_text_is_the_unit_mean_of_its_tokens(folder: Path) -> None:
    encoder = StaticEncoder(folder, "its identity")
    assert (encoder.id, encoder.width) == ("its identity", 8)
    rows = encoder.encode(["One, two", "threes threes threes threes", "two unheard TWO", "ones"])
    assert rows.dtype == np.float32
    expected = [
        _unit([0, 0, 1, 2, 0, 0, 3, 0]),
        _unit([0, 0, 0, 0, 0.25, 0.5, 0, 0]),  # four of each, and no cut after three tokens
        _unit([0, 0, 0, 1, 0, 0, 0, 0]),  # what the vocabulary lacks has no part
        _unit([0, 0, 1, 0, 0, 0.5, 0, 0]),
    ]
    assert rows.tolist() == np.array(expected).tolist()


def test_it_agrees_with_model2vec(rough: Path) -> None:
    from model2vec import StaticModel

    texts = ["one two three", "ones, twos", "three " * 50 + "one", "é é two"]
    theirs = StaticModel.from_pretrained(rough, max_length=None).encode(texts)
    assert StaticEncoder(rough).encode(texts) == pytest.approx(theirs, abs=1e-6)


@settings(max_examples=40)
@given(texts=st.lists(TEXT, max_size=40), at=st.integers(0, 40))
def test_a_row_has_the_same_bits_in_any_batch(rough: Path, texts: list[str], at: int) -> None:
    encoder = StaticEncoder(rough)
    rows = encoder.encode(texts)
    other = StaticEncoder(rough)  # which has met no word yet
    alone = [other.encode([text])[0] for text in reversed(texts)][::-1]
    assert [row.tobytes() for row in rows] == [row.tobytes() for row in alone]
    parts = np.concatenate([encoder.encode(texts[:at]), encoder.encode(texts[at:])])
    assert parts.tobytes() == rows.tobytes()
    assert np.abs(np.linalg.norm(rows.astype(np.float64), axis=1) - 1).max(initial=0) < 1e-6


def test_the_order_of_words_and_of_additions_changes_no_bit(rough: Path) -> None:
    words = np.random.default_rng(1).choice(["one", "two", "three", "ones", ","], 5000)
    rows = StaticEncoder(rough).encode([" ".join(words), " ".join(words[::-1]), " ".join(sorted(words))])
    assert len({row.tobytes() for row in rows}) == 1


def test_blocks_of_any_size_give_the_same_bits(rough: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["one two, " * 40, "three", "", "ones " * 30]
    whole = StaticEncoder(rough).encode(texts)
    monkeypatch.setattr(module, "PIECE_CHARS", 45)  # which cuts no word of these
    monkeypatch.setattr(module, "_TEXTS_AT_ONCE", 2)
    monkeypatch.setattr(module, "_TOKENS_AT_ONCE", 1)
    assert StaticEncoder(rough).encode(texts).tobytes() == whole.tobytes()


@pytest.mark.parametrize("text", ["", "unheard of", "[UNK] [PAD]x"])
def test_a_text_without_a_known_token_gets_the_hashing_encoders_vector(folder: Path, text: str) -> None:
    rows = StaticEncoder(folder).encode(["one", text])
    assert rows[1].tobytes() == HashingEncoder(8).encode([text])[0].tobytes()


def test_a_special_token_that_is_spelled_out_is_text(folder: Path) -> None:
    pad = StaticEncoder(folder).encode(["one [PAD]"])[0]
    assert pad.tolist() == StaticEncoder(folder).encode(["one"])[0].tolist()


def test_weights_and_a_mapping_are_those_of_model2vec(tmp_path: Path) -> None:
    mapping, weights = np.array([0, 0, 1, 1, 2, 2, 2, 2]), np.linspace(0.5, 4, 8)
    made = write_static_model(tmp_path, VECTORS[2:5], token_mapping=mapping, weights=weights)
    row = StaticEncoder(made).encode(["one two three"])[0]
    assert row.tolist() == _unit([0, 0, 0, (1.5 + 2.0) * 2, 2.5 * 0.25, 0, 0, 0]).tolist()


def test_values_are_rounded_to_28_bits_below_the_largest(tmp_path: Path) -> None:
    vectors = VECTORS.copy()
    vectors[2, 0] = 2.0**-26 + 2.0**-28  # the largest is 3, below 2^2: steps of 2^-26
    table = StaticEncoder(write_static_model(tmp_path, vectors))._table
    assert table[2, 0] == 2.0**-26
    assert np.array_equal(np.delete(table, 2, 0), np.delete(VECTORS, 2, 0))


def test_only_a_model2vec_config_is_static(tmp_path: Path, folder: Path) -> None:
    assert is_static(folder)
    for content in ('{"model_type": "bert"}', "[]", "nonsense"):
        (tmp_path / "config.json").write_text(content)
        assert not is_static(tmp_path)
    assert not is_static(tmp_path / "nowhere")


def _broken(folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder, tmp_path / "broken")
    return tmp_path / "broken"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokenizer.json", None, r"needs .*tokenizer.json, which is not there"),
        ("tokenizer.json", b"{}", r"tokenizer.json of 2 bytes is no tokenizer \(Model missing"),
        ("model.safetensors", None, "model.safetensors cannot be read as safetensors"),
        ("model.safetensors", b"\x80\x04a pickle", "model.safetensors cannot be read as safetensors"),
    ],
)
def test_missing_and_damaged_files_are_refused(
    folder: Path, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    broken = _broken(folder, tmp_path)
    (broken / name).unlink()
    if content is not None:
        (broken / name).write_bytes(content)
    with pytest.raises(SettingError, match=message):
        StaticEncoder(broken)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"other": np.ones((8, 8))}, r"a matrix named embeddings; it has other\[8, 8\]"),
        ({"embeddings": np.ones(8)}, r"a matrix named embeddings; it has embeddings\[8\]"),
        ({"embeddings": np.ones((7, 8))}, "vectors of 7 tokens, and the tokenizer beside it has 8"),
        ({"embeddings": np.full((8, 8), np.nan)}, "largest value of the vectors in .* is nan"),
        ({"embeddings": np.zeros((8, 8))}, "largest value of the vectors in .* is 0.0"),
        ({"embeddings": np.ones((8, 8)), "mapping": np.arange(8) + 1}, "to rows 1 to 8, and has 8"),
        ({"embeddings": np.ones((8, 8)), "weights": np.ones(3)}, "the tokenizer beside it has 8"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    folder: Path, tmp_path: Path, tensors: dict[str, np.ndarray], message: str
) -> None:
    broken = _broken(folder, tmp_path)
    save_file(tensors, broken / "model.safetensors")
    with pytest.raises(SettingError, match=message):
        StaticEncoder(broken)


def test_a_corpus_takes_a_static_model_by_its_folder_without_torch(folder: Path) -> None:
    texts = ["one two", "two one", "three", "threes,"]
    mixture = guyot.Corpus.from_texts(texts, encoder=str(folder)).prune("semdedup", keep=0.75)
    assert mixture.mask.tolist() == [True, False, True, True]
    script = (
        f"import sys; from guyot.encoders.static_encoder import load; load({str(folder)!r}).encode(['one']); "
        "print([m for m in ('torch', 'transformers', 'model2vec', 'skeletoken') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == "[]"


def test_loading_takes_int8_and_float16(tmp_path: Path, folder: Path) -> None:
    for kind in (np.int8, np.float16):
        made = tmp_path / np.dtype(kind).name
        shutil.copytree(folder, made)
        save_file(
            {"embeddings": (load_file(made / "model.safetensors")["embeddings"] * 4).astype(kind)},
            made / "model.safetensors",
        )
        assert load(made).encode(["one, three"]).tolist() == load(folder).encode(["one, three"]).tolist()
    assert json.loads((folder / "config.json").read_text())["model_type"] == module.MODEL_TYPE


def test_a_tokenizer_of_another_kind_reads_whole_texts_to_the_same_bits(rough: Path, tmp_path: Path) -> None:
    vectors = load_file(rough / "model.safetensors")["embeddings"]
    other = StaticEncoder(write_static_model(tmp_path, vectors, by_word=False))
    texts = ["one two, three ones, twos é", "three", "", "unheard, of"]
    assert other.encode(texts).tobytes() == StaticEncoder(rough).encode(texts).tobytes()


def test_untrained_words_have_the_vectors_of_others(rough: Path) -> None:
    encoder = StaticEncoder(rough, "own")
    fresh = encoder.untrained(1)
    assert sorted(map(tuple, fresh._table.tolist())) == sorted(map(tuple, encoder._table.tolist()))
    texts = ["one two three", "three one"]
    assert fresh.encode(texts).tobytes() == encoder.untrained(1).encode(texts).tobytes()
    assert fresh.encode(texts).tobytes() != encoder.encode(texts).tobytes()
    assert fresh.id == "own-untrained-1"
