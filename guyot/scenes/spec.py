"""What identifies a scene's picture: canonical JSON of its factors, its hash, the renderer's seed."""

import dataclasses
import json
from typing import Any

from guyot.errors import SettingError
from guyot.identity import content_digest
from guyot.scenes.factors import ENCODINGS, Scene


def canonical_json(scene: Scene, encoding: str = "png") -> str:
    """Write a scene and its picture's encoding so that equal ones, and only they, have equal text.

    Keys are sorted, numbers that may have a fraction always have a point, nothing is spaced.

    Raises
    ------
    SettingError : an encoding that there is not.

    Examples
    --------
    >>> canonical_json(Scene(shape="cube", yaw=90))[:60]
    '{"camera_azimuth":0.0,"camera_elevation":12.0,"encoding":"pn'
    """
    if encoding not in ENCODINGS:
        raise SettingError(f"encoding {encoding!r} was asked for; choose from {', '.join(ENCODINGS)}")
    fields = {**dataclasses.asdict(scene), "encoding": encoding}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def spec_hash(scene: Scene, encoding: str = "png") -> str:
    """Hash a scene and its encoding to 32 hex digits: the key of the document.

    Examples
    --------
    >>> spec_hash(Scene()) == spec_hash(Scene(yaw=0)) != spec_hash(Scene(replicate=1))
    True
    """
    return content_digest(canonical_json(scene, encoding).encode())


def render_seed(scene: Scene) -> int:
    """Return the seed of the renderer's noise, 0 up to 2^32, from the hash of the scene.

    All factors enter it, and the replicate: scenes half a degree apart share no noise, which would make them
    more alike than two renderings of one scene. The encoding does not: encodings are of one rendering.

    Examples
    --------
    >>> render_seed(Scene()) != render_seed(Scene(yaw=0.5))
    True
    """
    return int(spec_hash(scene)[:8], 16)


def scene_from_json(text: str) -> tuple[Scene, str]:
    """Read canonical JSON back.

    Returns
    -------
    (scene, encoding)

    Raises
    ------
    SettingError : it is no such JSON.

    Examples
    --------
    >>> scene_from_json(canonical_json(Scene(shape="mug"), "jpeg-50")) == (Scene(shape="mug"), "jpeg-50")
    True
    """
    try:
        fields: dict[str, Any] = json.loads(text)
        encoding = fields.pop("encoding")
        scene = Scene(**fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingError(f"{text[:200]!r} was given; it is no scene ({error}); see Scene") from error
    return scene, encoding
