"""A tiny static model's directory, written by model2vec itself: a few words, and vectors that a person can add."""

from pathlib import Path

import numpy as np

WORDS = ["[PAD]", "[UNK]", "one", "two", "three", "##s", ",", "é"]
WIDTH = 8
# a row per word; [UNK] has a direction of its own, which no text must get
VECTORS = np.eye(8, WIDTH) * [1, 1, 1, 2, 0.25, 0.5, 3, 1]


def write_static_model(
    folder: Path,
    vectors: np.ndarray = VECTORS,
    *,
    words: list[str] = WORDS,
    by_word: bool = True,
    **tensors: np.ndarray,
) -> Path:
    """Write a model; `by_word` false gives it a tokenizer of another kind than BERT's, `tensors` are weights and token_mapping."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False)
    bert = pre_tokenizers.BertPreTokenizer()
    tokenizer.pre_tokenizer = bert if by_word else pre_tokenizers.Sequence([bert])
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    model = StaticModel(
        vectors.astype(np.float32),
        tokenizer,
        {"model_type": "model2vec"},
        normalize=True,
        max_length=3,
        **tensors,
    )
    model.save_pretrained(folder)
    return folder
