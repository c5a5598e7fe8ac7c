"""Made examples for models of images: the colour of a patch is the class, and is in the caption."""

from typing import Any

import numpy as np

from guyot.seeds import generator
from resources.models.image_examples import ImageExamples
from resources.settings import Settings

VOCABULARY, CLASSES = 12, 3
SETTINGS: dict[str, Any] = {
    "training.images": 120, "training.batch_images": 8, "training.image_side": 8, "training.image_width": 8,
    "training.learning_rate": 0.01, "training.checkpoint_steps": 3,
}  # fmt: skip


def settings(**more: Any) -> Settings:
    return Settings.of(**SETTINGS, **more)


def examples(n: int, objective: str, seed: int = 0) -> ImageExamples:
    """Return n noisy images of one of three colours."""
    draw = generator(seed, "image-examples", n)
    pixels = draw.integers(0, 60, (n, 8, 8, 3), dtype=np.uint8)
    numbers = np.arange(n) % CLASSES
    for row, number in enumerate(numbers.tolist()):
        pixels[row, :, :, number] += 120
    if objective == "label":
        return ImageExamples(pixels, [np.array([number], np.int32) for number in numbers])
    return ImageExamples(pixels, [np.array([5, 6 + number], np.int32) for number in numbers])


def outputs(objective: str) -> int:
    return CLASSES if objective == "label" else VOCABULARY
