"""Trains a language model on the tokens that a schedule visits."""

from assets.graph.build import Build
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.curve_documents import curve_documents
from assets.train.inputs.planned_reading import CurvePlan, PlannedReading, Trained
from assets.train.inputs.segment_tokens import segment_tokens
from resources.models.learning_curve import LearningCurve
from resources.models.trainer import NO_CURVE, Trainer
from resources.progress import WorkProgress


def train_on_texts(build: Build, reading: PlannedReading, curve: CurvePlan | None = None) -> Trained:
    """Train a language model.

    Parameters
    ----------
    curve : None: no learning curve

    Raises
    ------
    As `Trainer.train`, and MissingError where the tokens are not there.
    """
    reader, schedule = build.reader, reading.schedule
    training_curve, n_bytes = NO_CURVE, 0
    if curve is not None:
        held_out = curve_documents(
            reader, curve.mixture, reading.tokenizer, (reading.ids, schedule.token_counts), reading.settings,
            curve.seed,
        )  # fmt: skip
        training_curve = LearningCurve(held_out.tokens, reading.settings.training.curve_points)
        n_bytes = held_out.scored_bytes
    progress = WorkProgress(f"training {build.name}", schedule.train_tokens, "tokens")
    result = Trainer(settings=reading.settings).train(
        segment_tokens(reader, reading.snapshot, reading.tokenizer, reading.ids, schedule),
        vocabulary_size=open_tokenizer(reader, reading.tokenizer.version).vocabulary_size,
        seed=reading.seed,
        initial=reading.initial,
        curve=training_curve,
        saved=build.saved_checkpoints,
        progress=progress.at,
    )
    return Trained(result, curve=training_curve.digest, curve_bytes=n_bytes)
