"""Grounding inductive biases: what networks overlook, what they owe to training, and what the data hold.

    python examples/papers/grounding.py [--quick]

Bouchacourt, Ibrahim and Morcos 2021 (arXiv:2106.05121). A small network reads digits, trained with
translation, scale, both as a random crop has them, or neither: accuracy stands beside invariance, as in the
paper's first table, and a network trained on digits that were moved once beside one trained on centred
digits. Then EfficientNet-Lite0 beside itself with random weights, on rendered scenes; the search for factors
where it is known what varies; and what two encoders of texts overlook in code.
"""

# ruff: noqa: T201  it prints

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from grounding_network import (
    ARMS,
    SHIFT,
    SIDE,
    SMALL,
    DigitNetwork,
    Digits,
    Moves,
    digits,
    moved,
    moves,
    trained,
)
from numpy.typing import NDArray
from python_files import python_files

from guyot.audit.data_factors import Factor, data_factors, pair_gains
from guyot.audit.invariance.code_transformations import CODE_TRANSFORMATIONS
from guyot.audit.invariance.image_copies import encoded_copies
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS
from guyot.audit.invariance.radius import duplicate_radius
from guyot.audit.invariance.responses import response
from guyot.audit.invariance.text_transformations import TEXT_TRANSFORMATIONS
from guyot.encoders.hashing import Encoder
from guyot.encoders.pixel_encoder import ImageEncoder, PixelEncoder
from guyot.scenes.factors import ENVIRONMENTS, FLOORS, SHAPES, Scene
from guyot.seeds import generator
from guyot.stats import mean_interval
from resources.encoder import EncoderResource
from resources.scenes.renderer import RenderSettings, render
from resources.settings import Settings

UNTRAINED, VARIED = "untrained", "varied"
DUPLICATE_DISTANCE = 0.05  # documents nearer than this are called copies, for texts
MAGNITUDES = (0.2, 0.5, 1.0)
FACTOR_SHIFT = 0.7  # of the networks' largest shift, so that the search's reach holds it
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    seeds, epochs : of the networks that read digits
    scenes : rendered for the pretrained network
    per_class : images of each class, where factors are sought
    files : Python files that the encoders of texts are audited with
    """

    seeds: int
    epochs: int
    scenes: int
    per_class: int
    files: int


FULL = Plan(seeds=5, epochs=40, scenes=12, per_class=6, files=24)
QUICK = Plan(seeds=2, epochs=2, scenes=4, per_class=3, files=4)


@dataclass(frozen=True)
class Measured:
    """A network's accuracy on test digits as they are, shifted and scaled, and its invariance to both."""

    plain: float
    shifted: float
    scaled: float
    cropped: float
    to_shift: float
    to_scale: float


def probes(n: int, seed: int) -> dict[str, Moves]:
    """Move test digits: by the largest shift, one of four ways, to the smallest size, and as a crop."""
    draw = generator(seed, "probes")
    shifted, scaled = moves("none", n, draw), moves("none", n, draw)
    shifted[:, :2] = SHIFT * np.array([[0, 1], [0, -1], [1, 0], [-1, 0]])[draw.integers(0, 4, n)]
    scaled[:, 2] = SMALL
    return {"shifted": shifted, "scaled": scaled, "cropped": moves("crop", n, draw)}


def measured(network: DigitNetwork, test: Digits, seed: int) -> Measured:
    """Measure accuracy beside invariance."""
    images = {name: moved(test.images, by) for name, by in probes(len(test.images), seed).items()}
    own = network.embedded(test.images)
    stream = generator(seed, "response")
    to = {
        name: response(own, network.embedded(images[name]), draws=2, stream=stream).median.value
        for name in ("shifted", "scaled")
    }
    accuracy = {name: network.accuracy(found, test.labels) for name, found in images.items()}
    return Measured(
        network.accuracy(test.images, test.labels), **accuracy, to_shift=to["shifted"], to_scale=to["scaled"]
    )


def anatomy(plan: Plan) -> tuple[list[Expectation], DigitNetwork]:
    """Train the arms, print accuracy beside invariance; return what was expected, and one network."""
    found: dict[str, list[Measured]] = {arm: [] for arm in (*ARMS, VARIED, UNTRAINED)}
    plain = DigitNetwork(0)
    for seed in range(plan.seeds):
        train, test = digits(seed)
        networks = {arm: trained(train, arm, plan.epochs, seed) for arm in ARMS}
        networks[VARIED] = trained(train, "translation", plan.epochs, seed, once=True)
        networks[UNTRAINED] = DigitNetwork(seed)
        plain = networks["none"] if seed == 0 else plain
        for arm, network in networks.items():
            found[arm].append(measured(network, test, seed))
    names = [field.name for field in dataclasses.fields(Measured)]
    print(f"{'trained with':14}" + "".join(f"{name:>16}" for name in names))
    for arm, each in found.items():
        rows = np.array([dataclasses.astuple(one) for one in each])
        print(
            f"{arm:14}"
            + "".join(f"{m:9.3f} ±{s:.3f}" for m, s in zip(rows.mean(0), rows.std(0), strict=True))
        )

    def gain(claim: str, one: str, other: str, name: str) -> Expectation:
        values = [[getattr(each, name) for each in found[arm]] for arm in (one, other)]
        return Expectation(claim, "above 0", by_seed(*values))

    spent = [one.cropped for one in found["none"]]
    shares = [
        (translation.cropped - none) / (crop.cropped - none)
        for translation, crop, none in zip(found["translation"], found["crop"], spent, strict=True)
    ]
    return [
        gain("accuracy on crops, trained with crops less none", "crop", "none", "cropped"),
        gain("accuracy on crops, translation less scale", "translation", "scale", "cropped"),
        Expectation("share of the gain of crops that translation alone has, less half", "above 0",
                    over_seeds([share - 0.5 for share in shares])),
        gain("invariance to a shift, trained with translation less none", "translation", "none", "to_shift"),
        gain("invariance to size, trained with scale less none", "scale", "none", "to_scale"),
        gain("invariance to a shift, varied less centred data", VARIED, "none", "to_shift"),
        gain("invariance to a shift, varied data less untrained", VARIED, UNTRAINED, "to_shift"),
        gain("accuracy on shifted digits, varied less centred data", VARIED, "none", "shifted"),
    ], plain  # fmt: skip


def lake_encoder(name: str, documents: str) -> EncoderResource:
    """Return the encoder that a lake would have."""
    return EncoderResource(settings=Settings.of(lake="lake", encoder=name, reading__documents=documents))


def pretrained(plan: Plan) -> list[Expectation]:
    """Compare EfficientNet-Lite0 with itself untrained, at magnitude 0.5, on scenes of all kinds."""
    settings = RenderSettings()
    scenes = [
        Scene(shape=SHAPES[n % 10], environment=ENVIRONMENTS[n % 6], floor=FLOORS[n % 5], yaw=45.0 * (n % 8))
        for n in range(plan.scenes)
    ]
    images = [render(scene, settings) for scene in scenes]
    resource = lake_encoder("efficientnet-lite0", "image")
    own, fresh = resource.load_of_images(), resource.untrained_of_images(0, images)
    assert fresh is not None
    found: list[Expectation] = []
    changed = [
        IMAGE_TRANSFORMATIONS[name](pixels, 0.5, generator(0, "pretrained", name, row))
        for name in IMAGE_TRANSFORMATIONS for row, pixels in enumerate(images)
    ]  # fmt: skip
    both = [
        (encoder.encode(images), encoder.encode([p for p in changed if p is not None]))
        for encoder in (own, fresh)
    ]
    for number, name in enumerate(IMAGE_TRANSFORMATIONS):
        rows = slice(number * len(images), (number + 1) * len(images))
        stream = [generator(0, "others", name) for _ in both]
        invariance = [
            response(one, other[rows], draws=2, stream=each).invariance
            for (one, other), each in zip(both, stream, strict=True)
        ]
        apart = mean_interval(invariance[0] - invariance[1], 2000, generator(0, "images", name))
        found.append(
            Expectation(f"Lite0's invariance to {name}, pretrained less untrained", "above 0", apart)
        )
    return found


@dataclass(frozen=True)
class ByNetwork:
    """An encoder of images that is a network of digits."""

    network: DigitNetwork
    id: str = "digits"
    width: int = 64

    def encode(self, images: object) -> NDArray[np.float32]:
        """Return float32[n, 64], unit rows."""
        grey = np.array([image[:, :, 0] for image in images], np.float32)[:, None] / 255  # type: ignore[attr-defined]
        small = torch.nn.functional.interpolate(torch.from_numpy(grey), (SIDE, SIDE), mode="area")
        return self.network.embedded(small).astype(np.float32)


def factors_of(images: list[Pixels], label: list[int], encoder: ImageEncoder) -> list[Factor]:
    """Search for what varies, and print what was found."""
    pairs = pair_gains(encoder.encode(images), encoded_copies(images, encoder, 0), np.array(label))
    found = data_factors(pairs, draws=500, stream=generator(0, "factors"))
    shown = [f"{one.transformation} {one.explained.value:.2f}" for one in found if one.is_shown]
    print(f"  {', '.join(shown) or 'nothing shown'}")
    return found


def searched(plan: Plan, plain: DigitNetwork) -> tuple[list[Expectation], dict[str, bool]]:
    """Search for factors in scenes that differ in one, and in digits as they are and shifted."""
    expectations: list[Expectation] = []
    directions: dict[str, bool] = {}

    def expect(what: str, factor: tuple[str, ...], other: str, found: list[Factor]) -> None:
        order = [one.transformation for one in found]
        best = min(factor, key=order.index)
        named = " or ".join(factor)
        expectations.append(
            Expectation(f"{what}: {named} explains", "above 0", found[order.index(best)].explained)
        )
        directions[f"{what}: {named} ranks above {other}"] = order.index(best) < order.index(other)

    settings, shapes = RenderSettings(), SHAPES[:6]
    varied = (
        ("position", ("left", "centre", "right"), ("translation", "crop"), "hue"),
        ("scale", (0.7, 1.0, 1.3), ("zoom", "shrink"), "hue"),
        ("material", ("red", "green", "blue"), ("hue",), "translation"),
    )
    for name, levels, factor, other in varied:
        scenes = [
            dataclasses.replace(
                Scene(shape=shape, floor="sand", replicate=1 + n // 3), **{name: levels[n % 3]}
            )
            for shape in shapes for n in range(plan.per_class)
        ]  # fmt: skip
        print(f"scenes that differ in {name}:", end="")
        images = [render(scene, settings) for scene in scenes]
        label = [shapes.index(scene.shape) for scene in scenes]
        expect(f"scenes that differ in {name}", factor, other, factors_of(images, label, PixelEncoder()))
    _, test = digits(0)
    chosen = [int(i) for number in range(10) for i in torch.where(test.labels == number)[0][: plan.per_class]]
    label = test.labels[chosen].tolist()
    for what, arm in (("digits", "none"), ("shifted digits", "translation")):
        by = moves(arm, len(chosen), generator(0, "factors", arm))
        by[:, :2] *= FACTOR_SHIFT
        placed = moved(test.images[chosen], by)
        images = [_coloured(image) for image in placed[:, 0].numpy()]
        for encoder_name, encoder in (
            ("pixels", PixelEncoder()),
            ("a network without augmentation", ByNetwork(plain)),
        ):
            print(f"{what}, {encoder_name}:", end="")
            found = factors_of(images, label, encoder)
            if arm == "translation":
                expect(f"{what}, {encoder_name}", ("translation",), "blur", found)
    return expectations, directions


def _coloured(grey: NDArray[np.float32]) -> Pixels:
    """Write a digit as RGB, twice as large."""
    eight = np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    return np.repeat(eight[:, :, None], 3, axis=2)


def in_code(plan: Plan) -> None:
    """Say what encoders of texts would call copies of code that are none, and what not."""
    files = python_files(1, 1500, 6000)[: plan.files]
    texts = [file.content.decode(errors="replace") for file in files]
    transformations = {**TEXT_TRANSFORMATIONS, **CODE_TRANSFORMATIONS}
    for name in ("hashing", "minilm"):
        encoder: Encoder = lake_encoder(name, "text").load()
        own = encoder.encode(texts)
        radius: dict[str, float] = {}
        for what, transform in transformations.items():
            distances: list[float] = []
            for magnitude in MAGNITUDES:
                made = [transform(t, magnitude, generator(0, "code", what, i)) for i, t in enumerate(texts)]
                rows = [row for row, text in enumerate(made) if text is not None]
                others = encoder.encode([text for text in made if text is not None])
                distances.append(float(np.median(1 - np.vecdot(own[rows], others))) if rows else 2.0)
            radius[what] = duplicate_radius(MAGNITUDES, distances, DUPLICATE_DISTANCE).magnitude
        told = ", ".join(f"{what} up to {found:g}" for what, found in radius.items() if found)
        never = ", ".join(what for what, found in radius.items() if not found)
        wrong = radius["truncation"]
        cut = f"files of which {90 * wrong:.0f}% are cut off at the end" if wrong else "no truncated files"
        print(
            f"{name}, at a cosine distance of {DUPLICATE_DISTANCE}: takes for copies {told or 'nothing'}; "
            f"not even at {MAGNITUDES[0]}: {never or 'nothing'}. Wrongly called duplicates: {cut}."
        )


def experiment(plan: Plan) -> Findings:
    """Measure all of it."""
    torch.set_num_threads(1)
    expected, plain = anatomy(plan)
    expected += pretrained(plan)
    more, directions = searched(plan, plain)
    in_code(plan)
    return Findings(expectations=expected + more, directions=directions, n_seeds=plan.seeds)


if __name__ == "__main__":
    command(experiment, FULL, QUICK)
