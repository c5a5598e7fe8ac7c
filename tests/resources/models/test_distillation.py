"""Distilling a static model: a tiny transformer by model2vec itself, kept once, whole, and checked."""

import json
import logging
import threading
from pathlib import Path

import numpy as np
import pytest
from support.tiny_bert import write_tiny_bert

from guyot.encoders.static_encoder import StaticEncoder, is_static
from guyot.errors import CorruptError, SettingError
from resources.models import distillation as module
from resources.models.distillation import distilled


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "guyot" / "static"


def test_a_tokens_vector_is_the_models_for_it_alone_by_its_rank(
    source: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    import torch
    import transformers

    with caplog.at_level(logging.INFO, "guyot.progress"):
        made = distilled(source)
    assert any(message.startswith("distilling a static model: 12/12 tokens") for message in caplog.messages)
    assert "Encoding tokens" not in capfd.readouterr().err
    assert is_static(made)
    encoder = StaticEncoder(made)
    model = transformers.BertModel.from_pretrained(source).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    kept = ["[PAD]", "[UNK]", *"one two three four five six seven eight nine ten".split()]
    weights = 1 / np.arange(2, len(kept) + 2)
    weights = 1e-4 / (1e-4 + weights / weights.sum())
    expected = np.zeros(32)
    for word in ("three", "nine"):
        with torch.inference_mode():
            hidden = model(**tokenizer(word, return_tensors="pt")).last_hidden_state[0].numpy()
        expected += hidden.mean(axis=0) * weights[kept.index(word)]
    # too few tokens for principal components, so none are taken
    row = encoder.encode(["nine three"])[0]
    assert row == pytest.approx(expected / np.linalg.norm(expected), abs=2e-3)


def test_it_is_distilled_once_and_names_no_path(source: Path, cache: Path) -> None:
    made = distilled(source)
    before = {path.name: path.stat().st_mtime_ns for path in made.iterdir()}
    assert sorted(before) == ["config.json", "model.safetensors", "sha256.json", "tokenizer.json"]
    assert str(source) not in "".join(path.read_text(errors="replace") for path in made.iterdir())
    assert distilled(source) == made
    assert {path.name: path.stat().st_mtime_ns for path in made.iterdir()} == before
    assert sorted(path.name for path in cache.iterdir()) == [made.name, f"{made.name}.lock"]


def test_two_that_ask_at_once_distil_once(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []
    write = module._distil
    both = threading.Barrier(2)

    def counted(*folders: Path) -> None:
        begun.append(folders[0])
        write(*folders)

    def ask(found: list[Path]) -> None:
        both.wait()
        found.append(distilled(source))

    monkeypatch.setattr(module, "_distil", counted)
    found: list[Path] = []
    threads = [threading.Thread(target=ask, args=(found,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 2
    assert begun == [source]


def test_what_fails_leaves_nothing_and_leftovers_are_removed(
    source: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        (target / "model.safetensors").write_text("half")
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_distil", fail)
        with pytest.raises(OSError, match="no space"):
            distilled(source)
    (lock,) = cache.iterdir()
    (cache / f"{lock.stem}.tmp-killed").mkdir()
    made = distilled(source)
    assert sorted(cache.iterdir()) == [made, lock]


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "sha256.json"])
def test_a_damaged_cache_is_refused(source: Path, name: str) -> None:
    path = distilled(source) / name
    path.write_bytes(path.read_bytes()[:-9] + b"something")
    with pytest.raises(CorruptError, match="is not what was written there; remove that folder"):
        distilled(source)


def test_without_model2vec_it_says_what_to_install(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "model2vec.distill", None)
    with pytest.raises(SettingError, match="needs model2vec.* to distil a model, .*pip install 'guyot"):
        distilled(source)


def test_the_digests_are_those_of_the_files(source: Path) -> None:
    made = distilled(source)
    wanted = json.loads((made / "sha256.json").read_text())
    assert wanted == {name: module.sha256(made / name) for name in ("model.safetensors", "tokenizer.json")}
