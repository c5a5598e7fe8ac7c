"""The settings of trainings and their evaluation: each one's default, limits and meaning."""

from dagster import Config
from pydantic import Field

from guyot.train.image_targets import CONTRASTIVE, ImageObjective


class TrainingSettings(Config):
    """The models that are trained on mixtures, and their evaluation."""

    tokens: int = Field(default=300_000, gt=0, description="token budget of a run, equal for all recipes")
    seeds: int = Field(
        default=3, gt=0, description="runs of each recipe, by the first of the seeds of recipes.py"
    )
    segment_tokens: int = Field(
        default=256,
        gt=0,
        description="a longer document is read in segments of this many tokens, in any order",
    )
    learning_rate: float = Field(default=3e-3, gt=0, description="peak learning rate")
    batch_windows: int = Field(default=4, gt=0, description="windows per step")
    window_tokens: int = Field(default=256, gt=1, description="tokens per window, the context length")
    model_width: int = Field(default=128, gt=0, description="hidden width of the language model")
    model_layers: int = Field(default=2, gt=0, description="layers of the language model")
    model_heads: int = Field(default=4, gt=0, description="attention heads of the language model")
    warmup_tokens: int = Field(
        default=0,
        ge=0,
        description="tokens of random training documents that all runs have read before they begin, as one "
        "common model: soups need it; 0: each run begins with random weights of its own",
    )
    warmup_seed: int = Field(default=0, ge=0, description="seed of that model and of what it reads")
    checkpoint_steps: int = Field(
        default=100,
        gt=0,
        description="steps after which a training keeps its state, to go on if killed",
    )
    at_once: int = Field(
        default=0,
        ge=0,
        description="trainings, or evaluations, at a time, each with a model in memory; 0: one per worker "
        "thread, on a GPU one",
    )
    threads: int = Field(
        default=1, gt=0, description="threads of each: more for a wide model and few runs, less per core"
    )
    resolution: float = Field(
        default=0.02,
        gt=0,
        description="bits per byte: the leaderboard tells how many seeds would show such a difference",
    )
    evaluation_documents: int = Field(default=400, gt=0, description="held-out documents that are evaluated")
    evaluation_tokens: int = Field(
        default=1024, gt=1, description="tokens evaluated per document, from its start"
    )
    curve_points: int = Field(
        default=8,
        ge=0,
        description="evaluations during a training, evenly spaced in tokens, and one before it: its "
        "learning curve; 0: none",
    )
    curve_tokens: int = Field(
        default=8192,
        gt=1,
        description="held-out tokens of each of them, the same for all recipes and seeds, at most a window "
        "of a document",
    )
    images: int = Field(
        default=4000,
        gt=0,
        description="of images: how many a run reads, repeats included, in place of tokens",
    )
    image_objective: ImageObjective = Field(
        default=CONTRASTIVE,
        description="what models of images learn: contrastive, which caption belongs to an image; label, its "
        "class",
    )
    label_column: str = Field(
        default="",
        description="the key of an image's other columns that is its class, for the objective label",
    )
    image_side: int = Field(
        default=48, ge=8, le=512, description="images are read by the model at so many pixels a side"
    )
    image_width: int = Field(
        default=32,
        gt=0,
        description="channels of the image network's first layer; later ones have 2 and 4 times as many",
    )
    batch_images: int = Field(default=32, gt=0, description="images per step")
    warmup_images: int = Field(
        default=0, ge=0, description="as training.warmup_tokens, of images that all runs have read before"
    )
    curve_images: int = Field(
        default=128, gt=1, description="held-out images of each point of a learning curve, in place of tokens"
    )
