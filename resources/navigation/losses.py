"""What a policy is trained by: imitation of a set of best actions, and proximal policy optimization.

Torch is loaded with this module.
"""

import torch
from torch import Tensor


def advantages(
    rewards: Tensor,
    values: Tensor,
    ends: Tensor,
    stopped: Tensor,
    last_values: Tensor,
    discount: float,
    trace_decay: float,
) -> Tensor:
    """Estimate how much better actions did than expected: generalized advantages (arXiv:1506.02438, eq. 16).

    Parameters
    ----------
    rewards, values : float[t, n], of each step's action, and of the place it was done in
    ends : bool[t, n], whether the action ended its episode
    stopped : bool[t, n], whether it ended for want of steps, elsewhere than at the goal
    last_values : float[n], of the places after the last step
    discount, trace_decay : gamma and lambda

    Returns
    -------
    float[t, n]; with the values added, the targets of values.

    Notes
    -----
    O(t n). An agent does not see how many steps it has left. So an episode that is stopped is taken to go on
    from a place as good as its last one (Pardo et al. 2018, section 3, have the next place's value).

    Examples
    --------
    >>> rewards, values = torch.tensor([[1.0], [2.0]]), torch.tensor([[0.5], [0.25]])
    >>> ends = torch.tensor([[False], [True]])
    >>> last, at_goal = torch.tensor([9.0]), torch.zeros(2, 1, dtype=torch.bool)
    >>> advantages(rewards, values, ends, at_goal, last, discount=0.5, trace_decay=0.5).flatten()
    tensor([1.0625, 1.7500])
    """
    found = torch.empty_like(rewards)
    following, next_values = torch.zeros_like(last_values), last_values
    for t in range(len(rewards) - 1, -1, -1):
        goes_on = (~ends[t]).to(rewards.dtype)
        after = torch.where(stopped[t], values[t], goes_on * next_values)
        surprise = rewards[t] + discount * after - values[t]
        following = surprise + discount * trace_decay * goes_on * following
        found[t], next_values = following, values[t]
    return found


def imitation_loss(logits: Tensor, is_best: Tensor) -> Tensor:
    """Return the mean over steps of -log of the probability that one of the teacher's best actions is done.

    Parameters
    ----------
    logits : float[..., 3]
    is_best : bool[..., 3], at least one of each step

    Notes
    -----
    Of a single best action it is the cross entropy. DAgger (Ross et al. 2011): the student acts, the teacher
    says what it would have done.

    Examples
    --------
    >>> best = torch.tensor([[True, True, False]])
    >>> imitation_loss(torch.zeros(1, 3), best).exp()
    tensor(1.5000)
    """
    of_best = logits.masked_fill(~is_best, -torch.inf)
    return (logits.logsumexp(dim=-1) - of_best.logsumexp(dim=-1)).mean()


def clipped_loss(logits: Tensor, actions: Tensor, before: Tensor, advantage: Tensor, clip: float) -> Tensor:
    """Return the clipped surrogate of proximal policy optimization (arXiv:1707.06347, eq. 7), to be lowered.

    Parameters
    ----------
    logits : float[..., 3], now
    actions : int64[...], that were done
    before : float[...], the logarithm of each one's probability when it was done
    advantage : float[...]; here it gets a mean of 0 and a deviation of 1
    clip : how far a ratio of probabilities counts beyond 1

    Examples
    --------
    >>> now = torch.tensor([[4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> before = torch.full((2,), 1 / 3).log()
    >>> clipped_loss(now, torch.tensor([0, 0]), before, torch.tensor([1.0, -1.0]), clip=0.2)
    tensor(-0.0707)
    """
    chosen = logits.log_softmax(dim=-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)
    likelihood_ratio = (chosen - before).exp()
    scaled = (advantage - advantage.mean()) / (advantage.std() + _MIN_DEVIATION)
    clipped = likelihood_ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(likelihood_ratio * scaled, clipped * scaled).mean()


def entropy(logits: Tensor) -> Tensor:
    """Return the mean entropy of the distributions of actions, in nats.

    Parameters
    ----------
    logits : float[..., 3]

    Examples
    --------
    >>> entropy(torch.zeros(5, 3)).exp()
    tensor(3.)
    """
    log_probabilities = logits.log_softmax(dim=-1)
    return -(log_probabilities.exp() * log_probabilities).sum(dim=-1).mean()


_MIN_DEVIATION = 1e-8  # of advantages: where all are equal there is nothing to divide by
