"""Train on a mixture: the schedule that visits it, and the metric that judges what came out."""

from guyot.train.metric import Interval, bits_per_byte
from guyot.train.schedule import (
    Epoch,
    Schedule,
    Visit,
    epoch_order,
    epoch_visits,
    plan,
    steps_that_saw,
    visits,
)

__all__ = [
    "Epoch",
    "Interval",
    "Schedule",
    "Visit",
    "bits_per_byte",
    "epoch_order",
    "epoch_visits",
    "plan",
    "steps_that_saw",
    "visits",
]
