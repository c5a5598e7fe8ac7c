"""Training states: all of an optimizer's bits come back, and only to the training that they are of."""

import torch

from resources.models.optimizer import new_optimizer
from resources.models.training_state import Progress, identity, pack, restore


def stepped(seed: int, steps: int) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    model = torch.nn.Linear(3, 2)
    optimizer = new_optimizer(model, 0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.ones(1, 3)).square().sum().backward()
        optimizer.step()
    return model, optimizer


def test_a_restored_training_takes_the_same_next_step() -> None:
    model, optimizer = stepped(0, 3)
    content = pack(
        model, optimizer, Progress(4, 99, [(0, 9, 1.5), (2, 99, 1 / 3)], 2.5, [(0, 7.5), (9, 1 / 7)]), "one"
    )
    other, fresh = stepped(1, 0)
    assert restore(content, other, fresh, "one") == Progress(
        4, 99, [(0, 9, 1.5), (2, 99, 1 / 3)], 2.5, [(0, 7.5), (9, 1 / 7)]
    )
    for of, its in ((model, optimizer), (other, fresh)):
        its.zero_grad()
        of(torch.ones(1, 3)).square().sum().backward()
        its.step()
    for one, same in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, same)
        assert torch.equal(optimizer.state[one]["exp_avg_sq"], fresh.state[same]["exp_avg_sq"])
        assert optimizer.state[one]["step"] == fresh.state[same]["step"] == 4


def test_a_state_before_the_first_step_and_one_of_another_training() -> None:
    model, optimizer = stepped(0, 0)
    content = pack(model, optimizer, Progress(1, 5), "one")
    other, fresh = stepped(1, 0)
    before = [p.clone() for p in other.parameters()]
    assert restore(content, other, fresh, "two") is None
    assert all(torch.equal(p, q) for p, q in zip(other.parameters(), before, strict=True))
    assert restore(content, other, fresh, "one") == Progress(1, 5)
    assert not fresh.state
    assert torch.equal(other.weight, model.weight)


def test_the_identity_is_of_all_that_the_bits_hang_on() -> None:
    found = identity({"precision": "float32"}, "init", 1, "curve")
    assert found == identity({"precision": "float32"}, "init", 1, "curve")
    others = [
        identity({"precision": "bfloat16"}, "init", 1, "curve"),
        identity({"precision": "float32"}, "other", 1, "curve"),
        identity({"precision": "float32"}, "init", 2, "curve"),
        identity({"precision": "float32"}, "init", 1, "another"),
    ]
    assert len({found, *others}) == 5
