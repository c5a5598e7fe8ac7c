"""Tiny models of images with random weights, in directories as transformers writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_MEAN, _DEVIATION = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]


def _write_processor(folder: Path, kind: str, **values: Any) -> None:
    """Write how images are prepared: scaled to 32 x 32, and normalised."""
    prepared = {
        "image_processor_type": kind, "do_resize": True, "size": {"height": 32, "width": 32}, "resample": 3,
        "do_center_crop": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": _MEAN, "image_std": _DEVIATION, "do_convert_rgb": True, **values,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared))


def write_tiny_clip(folder: Path) -> Path:
    """Write an image-text model: vectors of 16 numbers."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    text = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "vocab_size": 99, "max_position_embeddings": 16, "projection_dim": 16,
        "eos_token_id": 3, "bos_token_id": 1, "pad_token_id": 0,
    }  # fmt: skip
    vision = {
        "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "image_size": 32, "patch_size": 8, "projection_dim": 16,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(folder)
    _write_processor(folder, "CLIPImageProcessor")
    return folder


def write_tiny_words(folder: Path) -> Path:
    """Write a tokenizer of a few words beside a model of 99 tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = "a an and the red green blue cube sphere on sand grass marble waves patches number".split()
    vocabulary = {"<pad>": 0, "<bos>": 1, "<unk>": 2, "<eos>": 3, **{w: i for i, w in enumerate(words, 4)}}
    vocabulary |= {str(digit): len(vocabulary) + digit for digit in range(10)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.post_processor = processors.TemplateProcessing(  # pyright: ignore[reportAttributeAccessIssue]
        single="<bos> $A <eos>", special_tokens=[("<bos>", 1), ("<eos>", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "unk_token": "<unk>",
             "bos_token": "<bos>", "eos_token": "<eos>"}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(about))
    return folder


def write_tiny_vit(folder: Path) -> Path:
    """Write a classifier, whose weights have no pooling: vectors of 24 numbers."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=24,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
    )
    folder.mkdir(exist_ok=True)
    ViTForImageClassification(config).save_pretrained(folder)
    _write_processor(folder, "ViTImageProcessor")
    return folder


def write_tiny_convnet(folder: Path) -> Path:
    """Write a convolutional network: vectors of 16 numbers."""
    import torch
    from transformers import ResNetConfig, ResNetModel

    torch.manual_seed(0)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    folder.mkdir(exist_ok=True)
    ResNetModel(config).save_pretrained(folder)
    _write_processor(folder, "ViTImageProcessor")
    return folder
