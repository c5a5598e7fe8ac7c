"""Keys and seeds are stable: those below were computed apart, from the text, with hashlib alone."""

import hashlib

import pytest

from guyot.errors import SettingError
from guyot.scenes.factors import ENCODINGS, Scene
from guyot.scenes.spec import canonical_json, render_seed, scene_from_json, spec_hash

TEXT = (
    '{"camera_azimuth":-30.0,"camera_elevation":6.0,"encoding":"png","environment":"night","floor":"sand",'
    '"light":"above","material":"gold","position":"left","replicate":3,"scale":0.7,"shape":"mug","yaw":0.5}'
)
SCENE = Scene(
    shape="mug", material="gold", environment="night", floor="sand", scale=0.7, light="above", yaw=0.5,
    position="left", camera_azimuth=-30, camera_elevation=6, replicate=3,
)  # fmt: skip


def test_the_text_is_canonical_and_its_hash_stable():
    assert canonical_json(SCENE) == TEXT
    assert spec_hash(SCENE) == hashlib.blake2b(TEXT.encode(), digest_size=16).hexdigest()
    assert spec_hash(SCENE) == "fb8204efa166d1f80c83401f27a55a20"
    assert spec_hash(Scene()) == "4ae96038ab31220cf123a4a4d4089a03"
    assert spec_hash(Scene(), "jpeg-90") == "84420450450e5df313ca932bec685740"
    assert render_seed(SCENE) == int("fb8204efa166d1f80c83401f27a55a20"[:8], 16) < 2**32


def test_encodings_share_a_rendering_and_nothing_else_does():
    scenes = [Scene(), Scene(yaw=0.5), Scene(replicate=1), Scene(camera_elevation=6)]
    assert len({render_seed(scene) for scene in scenes}) == len(scenes)
    assert len({spec_hash(scene, encoding) for scene in scenes for encoding in ENCODINGS}) == 20


def test_what_is_written_is_read():
    for encoding in ENCODINGS:
        assert scene_from_json(canonical_json(SCENE, encoding)) == (SCENE, encoding)


@pytest.mark.parametrize("text", [
    "", "[]", "3", "{}", '{"encoding":"png","colour":"red"}', TEXT.replace("mug", "gun"), TEXT.replace("0.7", '"a"'),
])  # fmt: skip
def test_other_text_is_refused(text):
    with pytest.raises(SettingError):
        scene_from_json(text)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(SettingError, match="'webp' was asked for; choose from png, jpeg-90"):
        spec_hash(Scene(), "webp")
