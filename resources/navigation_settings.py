"""The settings of mazes, the agents in them, and their episodes."""

from typing import Literal

from dagster import Config
from pydantic import Field

from guyot.navigation.mazes import MIN_SIZE


class NavigationSettings(Config):
    """Blind agents: their mazes, how long they learn, and the episodes that they leave."""

    seed: int = Field(default=0, ge=0, description="seed of mazes, and of the tasks and steps of episodes")
    maze_size: int = Field(
        default=11,
        ge=MIN_SIZE,
        le=51,  # distances to the goals of 100,000 tasks are held, two bytes a cell
        description="cells along a side of a maze, its border among them; odd",
    )
    train_mazes: int = Field(default=20_000, gt=0, description="mazes that policies learn in")
    held_out_mazes: int = Field(default=2_000, gt=0, description="mazes that only probes and scores know")
    imitation_steps: int = Field(
        default=3_650_000, ge=0, description="actions during which a policy imitates a blind planner"
    )
    reward_steps: int = Field(
        default=2_700_000, ge=0, description="actions during which it then learns from reward"
    )
    device: Literal["cpu", "cuda"] = Field(
        default="cpu",
        description="what policies learn on: cpu gives the same bytes each time, cuda does not",
    )
    single_tasks: int = Field(default=400, ge=0, description="tasks that an episode is made of once")
    repeated_tasks: int = Field(default=40, ge=0, description="tasks that several episodes are made of")
    task_repeats: int = Field(default=20, gt=0, description="episodes of each of those")
    held_out_tasks: int = Field(
        default=800,
        ge=0,
        description="tasks in held-out mazes, an episode of each: what probes are tested by",
    )
    audit_tasks: int = Field(
        default=2_000, gt=0, description="tasks in other held-out mazes: what nav_audits fits its probes to"
    )
    policy: str = Field(
        default="",
        description="folder of a policy whose memory map_probes reads in a lake of episodes; empty: "
        "map_probes is left out",
    )
