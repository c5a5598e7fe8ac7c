"""A lake with tiny mazes and a policy that hardly learnt."""

from pathlib import Path

from support.lake import lake_at

from assets.graph.lake import LakeResources

TINY = {
    "navigation__maze_size": 7, "navigation__train_mazes": 40, "navigation__held_out_mazes": 20,
    "navigation__imitation_steps": 1, "navigation__reward_steps": 1, "navigation__single_tasks": 6,
    "navigation__repeated_tasks": 3, "navigation__task_repeats": 4, "navigation__held_out_tasks": 25,
    "navigation__audit_tasks": 30,
}  # fmt: skip


def agent_lake(folder: Path, **settings: object) -> LakeResources:
    """Return an empty lake with tiny settings of navigation."""
    return lake_at(folder / "lake", folder / "source", **(TINY | settings))
