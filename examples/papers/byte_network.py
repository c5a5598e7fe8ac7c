"""A byte language model that learns by gradients: a GRU, small enough for one core.

Visits are read one after the other, each behind a zero byte, in windows; a batch is as many consecutive
windows, so that what is read early is learned early. No state is carried from window to window.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

WIDTH, EMBEDDED = 256, 64
WINDOW, BATCH = 128, 8
LEARNING_RATE, WARMUP_SHARE = 4e-3, 0.05


class ByteNetwork(torch.nn.Module):
    """Predicts each byte from those before it in its window."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.embed = torch.nn.Embedding(256, EMBEDDED)
        self.recur = torch.nn.GRU(EMBEDDED, WIDTH, batch_first=True)
        self.predict = torch.nn.Linear(WIDTH, 256)

    def nats(self, windows: torch.Tensor) -> torch.Tensor:
        """Return the cost of each byte but the first: float32[m, length - 1] of int64[m, length]."""
        states, _ = self.recur(self.embed(windows[:, :-1]))
        logits = self.predict(states).transpose(1, 2)
        return torch.nn.functional.cross_entropy(logits, windows[:, 1:], reduction="none")


def gru_nats(visits: list[bytes], scored: list[bytes], seed: int) -> NDArray[np.float64]:
    """Train on visits in their order, and score others, float64[n]: nats of each.

    Parameters
    ----------
    seed : of the initial weights

    Notes
    -----
    The learning rate rises and falls once over what is read. What fills no batch at the end is not read.
    """
    network = ByteNetwork(seed)
    batches = _windows(b"".join(b"\0" + visit for visit in visits))
    batches = batches[: len(batches) // BATCH * BATCH].reshape(-1, BATCH, WINDOW + 1)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=len(batches), pct_start=WARMUP_SHARE
    )
    for batch in batches:
        optimizer.zero_grad()
        network.nats(batch).mean().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return np.array([_cost(network, text) for text in scored])


def _windows(stream: bytes) -> torch.Tensor:
    """Cut a stream into windows, each with the byte before it: int64[m, WINDOW + 1]."""
    codes = torch.from_numpy(np.frombuffer(stream, np.uint8).astype(np.int64))
    return codes.unfold(0, WINDOW + 1, WINDOW) if len(codes) > WINDOW else codes.new_zeros(0, WINDOW + 1)


def _cost(network: Any, text: bytes) -> float:
    """Return the nats of one text, in windows as it was trained; the last one may be short."""
    codes = torch.from_numpy(np.frombuffer(b"\0" + text, np.uint8).astype(np.int64))
    whole = _windows(b"\0" + text)
    rest = codes[len(whole) * WINDOW :]
    cost = float(network.nats(whole).sum()) if len(whole) else 0.0
    return cost + (float(network.nats(rest[None]).sum()) if len(rest) > 1 else 0.0)
