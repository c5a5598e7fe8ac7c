"""Images side by side with what they are told by, and the batches that a training reads of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ImageExamples:
    """Images, each with its target.

    pixels : uint8[n, side, side, 3], RGB; may be mapped from a file
    targets : n arrays int32[m], m at least 1: the token ids of the caption, or the number of the class alone
    """

    pixels: NDArray[np.uint8]
    targets: list[NDArray[np.int32]]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.targets)

    @property
    def n_tokens(self) -> int:
        """Count what of a budget they are: each is one."""
        return len(self)

    @property
    def n_targets(self) -> int:
        """Count what has a loss: all."""
        return len(self)

    def take(self, rows: NDArray[np.int64] | slice) -> "ImageExamples":
        """Return some of them, in memory."""
        numbers = np.arange(len(self))[rows]
        return ImageExamples(np.asarray(self.pixels[numbers]), [self.targets[row] for row in numbers])

    @property
    def digest(self) -> str:
        """A hash of the pixels and targets, in order."""
        found = hashlib.blake2b(digest_size=16)
        for pixels, target in zip(self.pixels, self.targets, strict=True):
            found.update(np.ascontiguousarray(pixels).tobytes())
            found.update(target.astype("<i4").tobytes() + b"|")
        return found.hexdigest()


def image_batches(
    examples: ImageExamples, rows: NDArray[np.int64], batch_images: int
) -> Iterator[ImageExamples]:
    """Yield what a training reads, step by step, the last batch in part.

    Parameters
    ----------
    rows : int64[m], rows of the examples, in the order in which they are read, repeats included

    Examples
    --------
    >>> two = ImageExamples(np.zeros((2, 8, 8, 3), np.uint8), [np.array([5]), np.array([6])])
    >>> [[int(t[0]) for t in batch.targets] for batch in image_batches(two, np.array([1, 0, 1]), 2)]
    [[6, 5], [6]]
    """
    for begin in range(0, len(rows), batch_images):
        yield examples.take(rows[begin : begin + batch_images])
