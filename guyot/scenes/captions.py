"""The caption of a scene: one English sentence that its factors decide."""

from guyot.scenes.factors import Scene

# no first word of a caption begins with a vowel, so that its article is always "A"; a test looks at all
_MATERIALS = {"gold": "golden", "wood": "wooden"}  # others are adjectives as they are
_FLOORS = {
    "checker": "on a checkered floor", "grass": "on grass", "sand": "on sand",
    "marble": "on a marble floor", "wood": "on a wooden floor",
}  # fmt: skip
_ENVIRONMENTS = {
    "clear": "under a clear sky", "overcast": "under an overcast sky", "sunset": "at sunset",
    "studio": "in a studio", "forest": "in a forest", "night": "at night",
}  # fmt: skip
_SIZES = {0.7: "small", 1.0: "", 1.3: "large"}
_POSITIONS = {"centre": "", "left": "left of the centre and ", "right": "right of the centre and "}
_LIGHTS = {"left": "lit from the left", "right": "lit from the right", "above": "lit from above"}


def caption(scene: Scene) -> str:
    """Describe a scene: size, material, shape, floor, environment, position and light.

    Yaw, camera and replicate are not described; a scale between the levels is called by the nearest.

    Examples
    --------
    >>> caption(Scene(shape="mug", material="gold", floor="sand", environment="sunset", scale=0.7))
    'A small golden mug on sand at sunset, lit from the left.'
    >>> caption(Scene(material="marble", floor="marble", environment="overcast", position="right"))
    'A marble sphere on a marble floor under an overcast sky, right of the centre and lit from the left.'
    """
    size = _SIZES[min(_SIZES, key=lambda scale: abs(scale - scene.scale))]
    words = [word for word in (size, _MATERIALS.get(scene.material, scene.material), scene.shape) if word]
    where = f"{_FLOORS[scene.floor]} {_ENVIRONMENTS[scene.environment]}"
    return f"A {' '.join(words)} {where}, {_POSITIONS[scene.position]}{_LIGHTS[scene.light]}."
