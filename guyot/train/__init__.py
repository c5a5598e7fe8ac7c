"""Train on a mixture: the schedule that reads it, and the metric of what came out."""

from guyot.stats import Interval
from guyot.train.epoch_order import EpochOrder, Shuffle
from guyot.train.exposure import (
    DocumentsRead,
    Epoch,
    documents_read,
    epochs,
    exposures,
    steps_that_saw,
    tokens_that_saw,
)
from guyot.train.metric import bits_per_byte
from guyot.train.permutation import Permutation
from guyot.train.plan import plan
from guyot.train.schedule import ORDER, Schedule, Segment, epoch_segments, groups, segments

__all__ = [
    "DocumentsRead",
    "Epoch",
    "EpochOrder",
    "Interval",
    "ORDER",
    "Permutation",
    "Schedule",
    "Segment",
    "Shuffle",
    "bits_per_byte",
    "documents_read",
    "epoch_segments",
    "epochs",
    "exposures",
    "groups",
    "plan",
    "segments",
    "steps_that_saw",
    "tokens_that_saw",
]
