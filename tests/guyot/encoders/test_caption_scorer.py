"""CLIP scores: the cosine by transformers itself, whatever the batches, and nan without a caption."""

from pathlib import Path

import numpy as np
import pytest
import torch
from support.image_models import write_tiny_clip, write_tiny_vit, write_tiny_words
from support.images import picture
from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

from guyot.encoders import caption_scorer
from guyot.encoders.caption_scorer import CaptionScorer
from guyot.encoders.image_encoder import ImageModel
from guyot.errors import SettingError

IMAGES = [picture(number) for number in range(5)]
CAPTIONS = ["a red cube", "", "sand and marble", "  ", "a cube " * 500]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_words(write_tiny_clip(tmp_path_factory.mktemp("clip")))


@pytest.fixture(scope="module")
def scorer(folder: Path) -> CaptionScorer:
    return CaptionScorer(ImageModel(folder))


def test_scores_are_the_cosines_of_the_model(folder: Path, scorer: CaptionScorer) -> None:
    model = CLIPModel.from_pretrained(folder).eval()
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = scorer.scores(iter(IMAGES), CAPTIONS)
    for row, (image, caption) in enumerate(zip(IMAGES, CAPTIONS, strict=True)):
        if not caption.strip():
            assert np.isnan(found[row])
            continue
        # tokens beyond the 16 that the model reads are cut, not an error
        tokens = tokenizer(caption, truncation=True, max_length=16, padding="max_length", return_tensors="pt")
        with torch.inference_mode():
            seen = model(**tokens, pixel_values=processor(images=image, return_tensors="pt")["pixel_values"])
        expected = torch.nn.functional.cosine_similarity(seen.image_embeds, seen.text_embeds).item()
        assert found[row] == pytest.approx(expected, abs=2e-6)
    assert len({round(value, 6) for value in found[[0, 2, 4]]}) == 3


def test_no_score_depends_on_its_neighbours(scorer: CaptionScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    together = scorer.scores(IMAGES, CAPTIONS)
    alone = [scorer.scores([image], [caption])[0] for image, caption in zip(IMAGES, CAPTIONS, strict=True)]
    assert np.array_equal(together, alone, equal_nan=True)
    captions, images = [f"a cube {number % 7}" for number in range(40)], [IMAGES[0]] * 40
    found = scorer.scores(images, captions)
    assert np.array_equal(found, np.tile(found[:7], 6)[:40])


def test_nothing_to_score_is_nothing(scorer: CaptionScorer) -> None:
    assert scorer.scores([], []).tolist() == []
    assert np.isnan(scorer.scores(IMAGES[:1], [""])).all()


def test_a_model_of_images_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="encodes no texts; choose an image-text model, such as CLIP"):
        CaptionScorer(ImageModel(write_tiny_vit(tmp_path / "vit")))


def test_a_model_without_its_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"has none of tokenizer\.json, vocab\.json, spiece\.model"):
        CaptionScorer(ImageModel(write_tiny_clip(tmp_path / "clip")))


def test_a_caption_without_a_vector_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = CaptionScorer(ImageModel(folder))
    monkeypatch.setattr(scorer, "_batch", lambda captions: np.zeros((len(captions), 16)))
    with pytest.raises(SettingError, match="the caption 'a red cube' a vector of length 0"):
        scorer.scores(IMAGES[:1], CAPTIONS[:1])
    assert caption_scorer._BATCH_CAPTIONS == 32
