"""Checkpoints of a training that goes on, kept so that a killed one loses no more than some steps.

    <lake>/.partial/<table>/<key>/<version>/<step>-<digest>.safetensors

They lie and are removed like saved batches: a truncated or damaged file is ignored by its digest, those of a
published version are removed with it, and those of abandoned builds after some days.
"""

import dataclasses

from resources.lake import saved_batches
from resources.lake.saved_batches import SavedBatches
from resources.storage.files import Files

_SUFFIX = ".safetensors"


@dataclasses.dataclass(frozen=True)
class SavedCheckpoints:
    """The checkpoints of one version of one partition."""

    files: Files
    table: str
    key: str
    version: str

    @property
    def folder(self) -> str:
        """The folder of the checkpoints."""
        return SavedBatches(self.files, self.table, self.key, self.version).folder

    def latest(self) -> bytes | None:
        """Return the undamaged checkpoint of the latest step, or None."""
        for _, uri in sorted(self._found(), reverse=True):
            try:
                content = self.files.read(uri)
            except FileNotFoundError:
                continue  # removed by a writer that was further
            if saved_batches.digest(content) == uri.removesuffix(_SUFFIX).rpartition("-")[2]:
                return content
        return None

    def save(self, step: int, content: bytes) -> None:
        """Save the checkpoint of a step, atomically, and remove those of earlier steps."""
        earlier = [uri for found, uri in self._found() if found < step]
        name = f"{step}-{saved_batches.digest(content)}{_SUFFIX}"
        saved_batches.write(self.files, f"{self.folder}/{name}", content)
        for uri in earlier:
            self.files.delete(uri)

    def _found(self) -> list[tuple[int, str]]:
        """List the checkpoints' steps and files."""
        uris = [file.uri for file in self.files.walk(self.folder) if file.uri.endswith(_SUFFIX)]
        steps = [uri.rpartition("/")[2].partition("-")[0] for uri in uris]
        return [(int(step), uri) for step, uri in zip(steps, uris, strict=True) if step.isdigit()]
