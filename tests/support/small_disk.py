"""A small disk of one's own, in memory: it can be full, or read-only, and no one else sees it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]  # nobody needs to be root for it


@dataclass(frozen=True)
class Done:
    """What a command said on both channels, and its exit code."""

    code: int
    said: str


@dataclass(frozen=True)
class SmallDisk:
    """A disk of some MiB on a folder, for the time of some commands.

    folder : what is there before is on the disk when the commands begin, and what is on the disk when they have
        ended is there again
    """

    folder: Path
    mebibytes: int
    env: Mapping[str, str]

    def run(self, *steps: Sequence[str] | str) -> list[Done]:
        """Run steps one after another, each a command, or a line for the shell; return what the commands did."""
        said = self.folder.parent / "said"
        said.mkdir()
        aside, folder = shlex.quote(f"{self.folder}.aside"), shlex.quote(str(self.folder))
        lines = [
            "set -eu", f"cp -r {folder} {aside}", f"mount -t tmpfs -o size={self.mebibytes}m tmpfs {folder}",
            f"cp -r {aside}/. {folder}", "set +e",
        ]  # fmt: skip
        commands = 0
        for step in steps:
            if isinstance(step, str):
                lines.append(step)
                continue
            out = shlex.quote(f"{said}/{commands}")
            lines.append(f"{shlex.join(step)} > {out} 2>&1; echo $? > {out}.code")
            commands += 1
        lines += [f"rm -rf {aside}", f"cp -r {folder} {aside}"]
        done = subprocess.run([*OWN_MOUNTS, "bash", "-c", "\n".join(lines)], env=dict(self.env),
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        shutil.rmtree(self.folder)
        Path(f"{self.folder}.aside").rename(self.folder)
        outs = [said / str(number) for number in range(commands)]
        return [Done(int(Path(f"{out}.code").read_text()), out.read_text()) for out in outs]

    def leave(self, kibibytes: int) -> str:
        """Return the line that fills the disk but for some KiB."""
        free = f"$(df --output=avail -k {shlex.quote(str(self.folder))} | tail -1)"
        return f"fallocate -l $(( ({free} - {kibibytes}) * 1024 )) {shlex.quote(f'{self.folder}/filler')}"

    @property
    def make_room(self) -> str:
        """Return the line that takes the filling away."""
        return f"rm {shlex.quote(f'{self.folder}/filler')}"

    def make_read_only(self, mode: str = "ro") -> str:
        """Return the line after which nothing can be written, or with `rw` can be again."""
        return f"mount -o remount,{mode} {shlex.quote(str(self.folder))}"


def require_own_mounts() -> None:
    """Skip a test where the machine gives nobody a disk of their own."""
    if shutil.which(OWN_MOUNTS[0]) is None or subprocess.run([*OWN_MOUNTS, "true"], check=False).returncode:
        pytest.skip("this machine allows no mounts in a namespace of one's own")
