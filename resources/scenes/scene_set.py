"""A folder of rendered scenes: a source of images for the graph, and the truth about them beside it.

    <folder>/rendered/<block>.parquet   pictures and captions: the source, for GUYOT_SOURCE
    <folder>/specs.parquet              what is known of each picture, of all blocks
    <folder>/sheets/<block>.png         contact sheets, to look at
    <folder>/manifest.json              how it was rendered, and what is finished
    <folder>/.partial/                  scenes of a block that is not finished

A block's file appears whole. Who is killed goes on with the scenes that are missing.
"""

import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.errors import SettingError
from guyot.identity import fingerprint
from guyot.scenes.blocks import BLOCKS, documents
from resources.scenes import renderer
from resources.scenes.contact_sheet import contact_sheet
from resources.scenes.finished import FinishedFolder
from resources.scenes.render_pool import SceneError
from resources.scenes.rendering import HowRendered, render_documents
from resources.scenes.tables import rendered_table, spec_table

RENDERED, SPECS, MANIFEST = "rendered", "specs.parquet", "manifest.json"
_SHEETS, _PARTIAL = "sheets", ".partial"
_ROWS_OF_A_GROUP = 64


@dataclasses.dataclass(frozen=True)
class SceneSetFolder:
    """A set of scenes in a local folder.

    size, seed : see `guyot.scenes.blocks.documents`
    """

    folder: Path
    size: str = "default"
    seed: int = 0
    how: HowRendered = HowRendered()

    @property
    def source(self) -> Path:
        """The folder that the graph reads."""
        return self.folder / RENDERED

    def write(self, blocks: Sequence[str] = BLOCKS) -> dict[str, int]:
        """Render the blocks that are not finished.

        Returns
        -------
        The number of pictures of each block that was written now.

        Raises
        ------
        SettingError : the folder holds scenes that were drawn or rendered otherwise; or one core only.
        SceneError : scenes that could not be rendered; all other scenes and blocks are finished.
        """
        finished = self._finished()
        self._write_manifest(finished)
        every = [one for block in BLOCKS for one in documents(block, self.size, self.seed)]
        self._replace(SPECS, lambda path: pq.write_table(spec_table(every), path, compression="zstd"))
        written: dict[str, int] = {}
        failures: list[str] = []
        for block in blocks:
            if block in finished and (self.source / f"{block}.parquet").is_file():
                continue
            try:
                finished[block] = self._write_block(block)
            except SceneError as error:
                failures.append(f"block {block}: {error}")
                continue
            written[block] = finished[block]["pictures"]
            self._write_manifest(finished)
            self._kept(block).clear()
        if failures:
            raise SceneError("; ".join(failures))
        return written

    def _write_block(self, block: str) -> dict[str, Any]:
        """Render one block; return its entry in the manifest."""
        pictures = documents(block, self.size, self.seed)
        files = render_documents(pictures, self.how, self._kept(block), f"scenes {block}")
        table = rendered_table(pictures, files, renderer.version())
        self._replace(f"{_SHEETS}/{block}.png", lambda path: path.write_bytes(contact_sheet(files)))
        self._replace(f"{RENDERED}/{block}.parquet", lambda path: _write_pictures(table, path))
        digest = fingerprint([table["id"].to_pylist(), table["pixel_digest"].to_pylist()])
        return {"pictures": len(files), "content": digest}

    def _kept(self, block: str) -> FinishedFolder:
        """Return where the finished scenes of a block are until its file is written."""
        return FinishedFolder(self.folder / _PARTIAL / block)

    def _identity(self) -> dict[str, Any]:
        """Return what all scenes of the folder have in common."""
        return {"size": self.size, "seed": self.seed, **self.how.identity()}

    def _finished(self) -> dict[str, Any]:
        """Return the manifest's entries of finished blocks."""
        path = self.folder / MANIFEST
        if not path.is_file():
            if self.source.is_dir() and any(self.source.iterdir()):
                raise SettingError(
                    f"scenes were to be written to {self.folder}; its folder {RENDERED} holds other files; "
                    "give another folder"
                )
            return {}
        found = json.loads(path.read_text())
        blocks = found.pop("blocks")
        if found != self._identity():
            differs = [
                f"{n} {found.get(n)!r}, not {v!r}" for n, v in self._identity().items() if found.get(n) != v
            ]
            raise SettingError(
                f"scenes were to be written to {self.folder}; it holds a set with {', '.join(differs)}; give "
                "another folder, or remove that set"
            )
        return blocks

    def _write_manifest(self, finished: dict[str, Any]) -> None:
        """Write how the set is rendered, and its finished blocks in order."""
        blocks = {block: finished[block] for block in BLOCKS if block in finished}
        text = json.dumps({**self._identity(), "blocks": blocks}, indent=2) + "\n"
        self._replace(MANIFEST, lambda path: path.write_text(text))

    def _replace(self, name: str, write: Callable[[Path], Any]) -> None:
        """Write a file of the folder whole: under another name, to disk, then under its own."""
        path, work = self.folder / name, self.folder / _PARTIAL / f"{Path(name).name}.{os.getpid()}"
        for folder in (path.parent, work.parent):
            folder.mkdir(parents=True, exist_ok=True)
        write(work)
        with work.open("rb") as written:
            os.fsync(written.fileno())
        work.replace(path)


def _write_pictures(table: pa.Table, path: Path) -> None:
    """Write a block's pictures, which no compression makes smaller."""
    pq.write_table(table, path, row_group_size=_ROWS_OF_A_GROUP, compression="none")
