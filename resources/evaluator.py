"""Scores documents with a trained language model: the nats that each costs, and over how many bytes."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import EvaluationError
from resources import language_model
from resources.settings import Settings
from resources.token_windows import batches
