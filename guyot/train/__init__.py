"""Train on a mixture: the schedule that reads it, and the metric of what came out."""

from guyot.stats import Interval
from guyot.train.metric import bits_per_byte
from guyot.train.schedule import (
    Epoch,
    Schedule,
    Segment,
    epoch_order,
    epoch_segments,
    plan,
    segments,
    steps_that_saw,
)

__all__ = [
    "Epoch",
    "Interval",
    "Schedule",
    "Segment",
    "bits_per_byte",
    "epoch_order",
    "epoch_segments",
    "plan",
    "segments",
    "steps_that_saw",
]
