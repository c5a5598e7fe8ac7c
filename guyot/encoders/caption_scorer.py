"""How well a caption fits its image, by a transformers model of both; needs `guyot[images]`.

The CLIP score of Hessel et al. (2021), without their factor of 2.5 and their floor of 0: the cosine itself,
as LAION and DataComp filter by it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder
from guyot.errors import SettingError

TEXT_FILES = ("tokenizer.json", "vocab.json", "merges.txt", "spiece.model", "tokenizer_config.json")
_BATCH_CAPTIONS = 32
_MAX_TOKENS = 512  # of a caption, where the model does not say how many it reads


class CaptionScorer:
    """Scores pairs of image and caption.

    The model is a directory that AutoModel, AutoImageProcessor and AutoTokenizer read, with
    `get_image_features` and `get_text_features`, as CLIP and SigLIP have them.
    """

    def __init__(self, model: ImageModel, identity: str = "") -> None:
        """Load the model.

        Parameters
        ----------
        identity : a hash of all that decides the scores

        Raises
        ------
        SettingError : the directory holds no model of images and texts that transformers can load by itself.
        """
        import transformers

        self.id = identity
        self._images = TransformerImageEncoder(model, identity)
        self._device = model.device
        loaded = self._images.model
        if not hasattr(loaded, "get_text_features"):
            raise SettingError(
                f"captions were to be scored by the model in {model.folder}, which encodes no texts; choose "
                "an image-text model, such as CLIP or SigLIP"
            )
        vocabularies = ("tokenizer.json", "vocab.json", "spiece.model")
        if not any((model.folder / name).is_file() for name in vocabularies):  # an empty one would be made
            raise SettingError(
                f"captions were to be scored by the model in {model.folder}, which has none of "
                f"{', '.join(vocabularies)}; choose a directory with its tokenizer"
            )
        auto: Any = transformers
        try:
            self._tokenizer = auto.AutoTokenizer.from_pretrained(
                model.folder, local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError) as error:
            raise SettingError(
                f"captions were to be scored by the model in {model.folder}, whose tokenizer cannot be "
                f"loaded: {error}; choose a directory with its tokenizer"
            ) from error
        text = getattr(loaded.config, "text_config", loaded.config)
        self._max_tokens = int(getattr(text, "max_position_embeddings", _MAX_TOKENS))

    def scores(self, images: Iterable[NDArray[np.uint8]], captions: Sequence[str]) -> NDArray[np.float64]:
        """Return each image's cosine with its caption: float64[n], nan where the caption is empty.

        Parameters
        ----------
        images : n images uint8[height, width, 3], RGB
        captions : n texts; of a longer one the beginning is read, as far as the model reads

        Raises
        ------
        SettingError : the model gives an image or a caption a vector that is not finite, or of length 0.
        """
        found = np.full(len(captions), np.nan)
        rows = [row for row, caption in enumerate(captions) if caption.strip()]
        chosen = set(rows)
        pictures = self._images.encode(image for row, image in enumerate(images) if row in chosen)
        texts = self._texts([captions[row] for row in rows])
        found[rows] = np.vecdot(pictures.astype(np.float64), texts)
        return found

    def _texts(self, captions: Sequence[str]) -> NDArray[np.float64]:
        """Encode captions: float64[n, width], unit rows."""
        rows = [np.zeros((0, self._images.width))]
        for begin in range(0, len(captions), _BATCH_CAPTIONS):
            rows.append(self._batch(list(captions[begin : begin + _BATCH_CAPTIONS])))
        vectors = np.concatenate(rows)
        lengths = np.linalg.norm(vectors, axis=1)
        wrong = np.flatnonzero(~(lengths > 0) | ~np.isfinite(lengths))
        if len(wrong):
            raise SettingError(
                f"the model gives the caption {captions[wrong[0]][:80]!r} a vector of length "
                f"{lengths[wrong[0]]:.2g}; it must be finite and above 0; choose another model"
            )
        return vectors / lengths[:, None]

    def _batch(self, captions: list[str]) -> NDArray[np.float64]:
        """Encode a few captions, of any length; the batch is filled up, so that no vector depends on it."""
        import torch

        filled = [*captions, *[""] * (_BATCH_CAPTIONS - len(captions))]
        tokens = self._tokenizer(
            filled, padding="max_length", truncation=True, max_length=self._max_tokens, return_tensors="pt"
        ).to(self._device)
        with torch.inference_mode():
            found: Any = self._images.model.get_text_features(**tokens)
            vectors = getattr(found, "pooler_output", found)
        return vectors[: len(captions)].float().cpu().numpy().astype(np.float64)
