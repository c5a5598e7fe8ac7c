"""A folder of episodes: a source of documents for the graph, and the policy that walked them beside it.

    <folder>/settings.json              what all of it was made with
    <folder>/policy/config.json         how the policy was trained, with
    <folder>/policy/model.safetensors   its weights: a folder for GUYOT_NAVIGATION__POLICY and GUYOT_ENCODER
    <folder>/policy/curve.parquet       how it learnt
    <folder>/episodes/train.parquet     the episodes: the source, for GUYOT_SOURCE, with
    <folder>/episodes/held_out.parquet  those in mazes that it did not learn in
    <folder>/.partial/                  the state of a training that is not finished

A file appears whole. Who is killed goes on where the training was.
"""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.identity import fingerprint
from guyot.navigation.mazes import mazes
from resources.lake.saved_batches import SavedBatches
from resources.lake.saved_checkpoints import SavedCheckpoints
from resources.navigation.episodes import HELD_OUT, TRAIN, corpus_tasks, episodes_of, held_out_tasks
from resources.navigation.named_policies import named_policy
from resources.navigation.policies import CONFIG, Policy, load_policy, policy_files
from resources.navigation.policy_training import train_policy
from resources.navigation_settings import NavigationSettings
from resources.progress import WorkProgress
from resources.storage.files import Files

POLICY, EPISODES, CURVE, SETTINGS = "policy", "episodes", "curve.parquet", "settings.json"
_WORK = ".partial"


@dataclasses.dataclass(frozen=True)
class EpisodeSetFolder:
    """A policy and its episodes in a local folder.

    name : of the policy, see `resources.navigation.named_policies`
    navigation : mazes, budgets and tasks
    """

    folder: Path
    name: str
    navigation: NavigationSettings

    @property
    def source(self) -> Path:
        """The folder that the graph reads."""
        return self.folder / EPISODES

    @property
    def policy(self) -> Path:
        """The policy's folder."""
        return self.folder / POLICY

    def write(self) -> dict[str, int]:
        """Train the policy if it is not there, and write the episodes that are not.

        Returns
        -------
        The number of episodes of each split that was written now.

        Raises
        ------
        SettingError : the folder holds a policy or episodes that were made with other settings.
        EvaluationError : as `train_policy`.
        """
        self._require_same()
        policy, written = self._trained(), dict[str, int]()
        for split, tasks_of in ((TRAIN, corpus_tasks), (HELD_OUT, held_out_tasks)):
            name = f"{EPISODES}/{split}.parquet"
            if (self.folder / name).is_file():
                continue
            walls = self._walls(split)
            asked = tasks_of(walls, self.navigation)
            table = episodes_of(policy, self.name, walls, asked, split, self.navigation.seed)
            self._replace(name, lambda path, table=table: pq.write_table(table, path, compression="zstd"))
            written[split] = table.num_rows
        return written

    def _walls(self, split: str) -> NDArray[np.bool_]:
        """Draw the mazes of a split."""
        asked = self.navigation
        n = asked.train_mazes if split == TRAIN else asked.held_out_mazes
        return mazes(asked.seed, n, asked.maze_size, split=split)

    def _trained(self) -> Policy:
        """Return the folder's policy, trained now if it is not there."""
        settings = named_policy(self.name, self.navigation)
        if (self.policy / CONFIG).is_file():
            return load_policy(self.policy)
        mazes_of = [self.navigation.seed, self.navigation.train_mazes, self.navigation.maze_size]
        kept = ("policy", self.name, fingerprint([settings.as_json(), mazes_of]))
        files = Files(str(self.folder.resolve()))
        steps = settings.n_updates * settings.steps_per_update
        progress = WorkProgress(f"policy {self.name}", steps, "steps")
        trained = train_policy(
            self._walls(TRAIN), settings, saved=SavedCheckpoints(files, *kept), progress=progress.at
        )
        curve = pa.Table.from_pylist([dataclasses.asdict(point) for point in trained.curve])
        self._replace(f"{POLICY}/{CURVE}", lambda path: pq.write_table(curve, path, compression="zstd"))
        # the configuration comes last: with it the policy is whole
        for name, content in sorted(policy_files(trained).items(), key=lambda item: item[0] == CONFIG):
            self._replace(f"{POLICY}/{name}", lambda path, content=content: path.write_bytes(content))
        SavedBatches(files, *kept).clear()
        return load_policy(self.policy)

    def _require_same(self) -> None:
        """Refuse a folder that holds something else; an empty one is claimed for these settings."""
        kept = self.navigation.model_dump(exclude={"audit_tasks", "policy"})
        asked, path = {"policy": self.name, **kept}, self.folder / SETTINGS
        if path.is_file():
            # a folder that is older than a setting was made with its default
            found = NavigationSettings().model_dump() | json.loads(path.read_text())
            differs = [f"{n} {found.get(n)!r}, not {v!r}" for n, v in asked.items() if found.get(n) != v]
            if differs:
                raise SettingError(
                    f"episodes were to be written to {self.folder}; it holds some that were made with "
                    f"{', '.join(differs)}; give another folder, or remove that one"
                )
            return
        strange = [one.name for one in (self.source, self.policy) if one.is_dir() and any(one.iterdir())]
        if strange:
            raise SettingError(
                f"episodes were to be written to {self.folder}; its folder {strange[0]} holds other files, "
                f"and there is no {SETTINGS} beside it; give another folder"
            )
        self._replace(SETTINGS, lambda path: path.write_text(json.dumps(asked, indent=2) + "\n"))

    def _replace(self, name: str, write: Callable[[Path], Any]) -> None:
        """Write a file of the folder whole: under another name, to disk, then under its own."""
        path, work = self.folder / name, self.folder / _WORK / f"{Path(name).name}.{os.getpid()}"
        for folder in (path.parent, work.parent):
            folder.mkdir(parents=True, exist_ok=True)
        write(work)
        with work.open("rb") as written:
            os.fsync(written.fileno())
        work.replace(path)
