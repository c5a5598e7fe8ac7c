"""Renders the pictures of a block: finished ones are taken, the others rendered and kept at once."""

import dataclasses
import itertools
from collections.abc import Sequence

from guyot.identity import content_digest, fingerprint
from guyot.scenes.blocks import SceneDocument
from guyot.scenes.spec import canonical_json
from resources import progress
from resources.scenes import encodings, renderer
from resources.scenes.finished import FinishedScenes
from resources.scenes.render_pool import Rendered, Rendering, RenderPool, SceneError
from resources.scenes.render_worker import pack, unpack
from resources.scenes.renderer import RenderSettings

_MAX_NAMED = 3


@dataclasses.dataclass(frozen=True)
class HowRendered:
    """How scenes are rendered, and by how much at once.

    settings : decide the pixels
    processes : that render
    scene_seconds : a scene that takes longer is given up, and tried once more
    """

    settings: RenderSettings = RenderSettings()
    processes: int = 2
    scene_seconds: int = 60

    def identity(self) -> dict[str, str | int]:
        """Return all that decides the files of a scene, its factors aside.

        Examples
        --------
        >>> sorted(HowRendered().identity())
        ['depth', 'encoder', 'renderer', 'samples', 'side']
        """
        return {
            **dataclasses.asdict(self.settings),
            "renderer": renderer.version(),
            "encoder": encodings.version(),
        }


def render_documents(
    documents: Sequence[SceneDocument], how: HowRendered, finished: FinishedScenes, work: str
) -> list[bytes]:
    """Return the file of each picture, in their order.

    Parameters
    ----------
    documents : those of one rendering one after another
    finished : where each scene is kept as soon as it is rendered, and taken from
    work : the name under which progress counts the scenes that are missing

    Raises
    ------
    SceneError : scenes that could not be rendered twice; all others are finished.
    SettingError : see `render_pool.check_cores`; only where a scene is missing.

    Notes
    -----
    Some 0.3 core-seconds a scene of 96 pixels and 16 samples.
    """
    renderings = [
        Rendering(tuple(canonical_json(one.scene, one.encoding) for one in of_scene))
        for _, of_scene in itertools.groupby(documents, key=lambda one: one.scene)
    ]
    identity = fingerprint(how.identity())
    keys = {one: content_digest(one.request + identity.encode()) for one in renderings}
    packed = {one: finished.read(keys[one]) for one in renderings}
    missing = [one for one in renderings if packed[one] is None]
    failed: list[Rendered] = []
    if missing:
        pool = RenderPool(how.settings, processes=how.processes, scene_seconds=how.scene_seconds)
        with progress.begun(work, len(missing), "scenes"):
            for rendered in pool.render(missing):
                if rendered.failure:
                    failed.append(rendered)
                else:
                    packed[rendered.rendering] = content = pack(rendered.files)
                    finished.save(keys[rendered.rendering], content)
                progress.advance(work)
    if failed:
        raise SceneError(_failure_message(failed, len(renderings)))
    return [file for one in renderings for file in unpack(packed[one] or b"[]\n")]


def _failure_message(failed: Sequence[Rendered], total: int) -> str:
    """Say which scenes could not be rendered."""
    named = "; ".join(f"{one.rendering.specs[0]}: {one.failure}" for one in failed[:_MAX_NAMED])
    more = f" and {len(failed) - _MAX_NAMED} more" if len(failed) > _MAX_NAMED else ""
    return (
        f"{len(failed)} of {total} scenes could not be rendered, the others are kept: {named}{more}; run it "
        "again, with more seconds a scene where they took too long"
    )
