"""Trains a model of images on those that a schedule visits."""

from pathlib import Path

import numpy as np

from assets.graph.build import Build
from assets.graph.doc_ids import id_bits
from assets.train.inputs.curve_documents import held_out_ids
from assets.train.inputs.image_tasks import (
    CLASSES,
    ImageTask,
    image_task,
    read_examples,
    target_arrays,
    with_targets,
)
from assets.train.inputs.planned_reading import CurvePlan, PlannedReading, Trained
from guyot.seeds import uniforms_of_bits
from guyot.train.image_targets import ImageTargets
from guyot.train.schedule import groups
from resources.models.image_evaluator import ImageLearningCurve
from resources.models.image_trainer import NO_CURVE, ImageTrainer
from resources.progress import WorkProgress


def train_on_images(
    build: Build, reading: PlannedReading, targets: ImageTargets, curve: CurvePlan | None = None
) -> Trained:
    """Train a model of images.

    Parameters
    ----------
    targets : that the schedule was planned with
    curve : None: no learning curve

    Raises
    ------
    As `ImageTrainer.train`, and SettingError where labels are no classes.

    Notes
    -----
    What the schedule visits is decoded once, into a file that is mapped; so are the images of the curve.
    """
    reader, settings = build.reader, reading.settings
    task = image_task(reader, reading.snapshot, targets, reading.tokenizer)
    visits = np.concatenate([group.segments.rows for group in groups(reading.schedule)])
    ids, rows = np.unique(reading.ids[visits], return_inverse=True)
    progress = WorkProgress(f"training {build.name}", reading.schedule.train_tokens, "images")
    with reader.scratch_folder() as folder:
        found = target_arrays(reader, reading.snapshot, task, ids)
        examples = read_examples(reader, reading.snapshot, ids, found, settings, folder)
        training_curve = NO_CURVE if curve is None else _curve(build, reading, task, curve, folder)
        result = ImageTrainer(settings=settings).train(
            examples,
            rows.astype(np.int64),
            objective=targets.objective,
            n_outputs=task.n_outputs,
            seed=reading.seed,
            initial=reading.initial,
            curve=training_curve,
            saved=build.saved_checkpoints,
            progress=progress.at,
        )
        config = {CLASSES: list(task.classes)} if task.classes else {}
        return Trained(result, config, training_curve.digest, len(training_curve.examples))


def _curve(
    build: Build, reading: PlannedReading, task: ImageTask, plan: CurvePlan, folder: Path
) -> ImageLearningCurve:
    """Draw held-out images with a target at random, up to `training.curve_images`, and decode them."""
    training = reading.settings.training
    held_out = held_out_ids(build.reader, plan.mixture)
    ids, found = with_targets(held_out, target_arrays(build.reader, reading.snapshot, task, held_out))
    uniform = uniforms_of_bits(plan.seed, "learning-curve", id_bits(ids))
    drawn = np.sort(np.lexsort((ids, uniform))[: training.curve_images])
    chosen = [found[row] for row in drawn.tolist()]
    examples = read_examples(build.reader, reading.snapshot, ids[drawn], chosen, reading.settings, folder)
    return ImageLearningCurve(examples, training.curve_points)
