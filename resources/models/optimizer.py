"""How the small language models are optimized: AdamW, and the course of its learning rate."""

import math
from typing import Any

WARMUP_FRACTION = 0.05
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.95)
MAX_GRADIENT_NORM = 1.0


def new_optimizer(model: Any, weight_decay: float) -> Any:
    """Build AdamW; matrices decay, gains do not."""
    import torch

    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=BETAS, fused=True)


def learning_rate_share(step: int, n_steps: int) -> float:
    """Scale the peak learning rate: up in a line, then down along a cosine to 0 after the last step.

    Examples
    --------
    >>> [round(learning_rate_share(step, 40), 3) for step in (0, 1, 2, 21, 39)]
    [0.5, 1.0, 1.0, 0.5, 0.002]
    """
    n_warmup = max(1, round(WARMUP_FRACTION * n_steps))
    if step < n_warmup:
        return (step + 1) / n_warmup
    return (1 + math.cos(math.pi * (step - n_warmup) / max(1, n_steps - n_warmup))) / 2
