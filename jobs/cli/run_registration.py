"""Turns what a training elsewhere says of itself into a record that the lake can be asked about."""

import dataclasses
import datetime
import json
import re
from pathlib import Path
from typing import Any

from assets.graph.lake import LakeResources
from assets.train.inputs.registered_runs import DOCUMENTS, TOKENS
from guyot.errors import MissingError, SettingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import MIXTURES
from guyot.lake.reading import Reading
from guyot.lake.versions import Versions
from guyot.train.epoch_order import Shuffle
from jobs.cli.run_files import checkpoints_of, object_of
from resources.lake.manifest import WHOLE, Manifest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHOWN = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """What a training says of itself; see `guyot runs register` for each.

    mixture : RECIPE[@VERSION]; "" where a state names it
    tokens : positions that it read, or None where a state has them
    state : file of a dataset's `state_dict()`
    epochs : of the dataset; None: 1, or as many as the state has reached
    """

    name: str
    mixture: str = ""
    tokens: int | None = None
    first_token: int = 0
    context_length: int | None = None
    seed: int = 0
    segment_tokens: int | None = None
    epochs: int | None = None
    state: Path | None = None
    batch_size: int = 1
    hyperparameters: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    init: str = ""
    code_version: str = ""
    by: str = ""


def record_of(lake: LakeResources, report: Report) -> dict[str, Any]:
    """Return the row of external_runs that a report is.

    Raises
    ------
    SettingError : something in it does not go together, or is not what it is said to be.
    MissingError : the lake has no such mixture, or not in that version.
    """
    if not _NAME.fullmatch(report.name):
        raise SettingError(
            f"a run was to be called {report.name!r}; a name is of 1 to 100 letters, digits, dots, - and _, "
            "and begins with a letter or a digit"
        )
    if report.batch_size < 1:
        raise SettingError(f"batch_size={report.batch_size}; a step reads at least 1 sample")
    state = None if report.state is None else _state_of(report)
    manifest = _mixture_of(lake, report, state)
    versions = Versions(lake.store.root)
    mixture = LakeMixture(versions.version(MIXTURES, manifest.key, manifest.version), versions)
    reading = _reading_of(report, state)
    per_sample = reading.context_length or 1
    first, end = _positions(report, state, per_sample)
    _, schedule = reading.planned(mixture, versions, end if state else None)
    if end > schedule.train_tokens:
        raise SettingError(
            f"positions {first:,} to {end:,} of {manifest.key}@{manifest.version} were reported; "
            f"{reading.epochs or 1} epochs of it have {schedule.train_tokens:,}; give the --epochs that the "
            "dataset had"
        )
    n_samples = (end - first) // per_sample
    return {
        "run_id": report.name, "recipe": manifest.key, "seed": reading.seed,
        "mixture_version": manifest.version, "schedule_version": _schedule_of(lake, manifest, reading),
        "tokenizer_version": _tokenizer_of(lake, manifest) if reading.context_length else "",
        "init": report.init,
        "config": json.dumps(object_of(report.hyperparameters, "hyperparameters"), sort_keys=True),
        "code_version": report.code_version, "tokens": end - first,
        "steps": -(-n_samples // report.batch_size),
        "checkpoint": json.dumps(checkpoints_of(report.checkpoints), sort_keys=True),
        "unit": TOKENS if reading.context_length else DOCUMENTS, "first_position": first,
        "end_position": end, "batch_size": report.batch_size,
        "reads": json.dumps(reading.identity(mixture), sort_keys=True), "by": report.by,
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _state_of(report: Report) -> dict[str, Any]:
    """Read the state of a dataset."""
    state = object_of(report.state, "state")
    kinds = {"position": int, "reads": dict, "split": dict}
    if not all(isinstance(state.get(name), kind) for name, kind in kinds.items()):
        raise SettingError(
            f"{report.state} was given as a dataset's state; it has {', '.join(sorted(state)) or 'nothing'}; "
            "write `state_dict()` of a mixture's torch_dataset to it, as JSON"
        )
    if state["split"].get("workers"):
        raise SettingError(
            f"{report.state} is the state of worker {state['split'].get('worker')} of "
            f"{state['split']['workers']}, which reads ahead of the training; give --tokens and "
            "--context-length, or a state of a dataset without workers"
        )
    if report.tokens is not None or report.context_length is not None or report.segment_tokens is not None:
        raise SettingError(
            f"--state {report.state} was given beside --tokens, --context-length or --segment-tokens, which "
            "the state has; leave them out"
        )
    return state


def _mixture_of(lake: LakeResources, report: Report, state: dict[str, Any] | None) -> Manifest:
    """Find the mixture that was read."""
    read = f"{state['reads'].get('recipe')}@{state['reads'].get('mixture')}" if state else ""
    recipe, _, version = (report.mixture or read).partition("@")
    if not recipe:
        raise SettingError("no mixture was given; say with --mixture RECIPE[@VERSION] what the run read")
    found = (
        lake.store.manifest(MIXTURES, recipe, version) if version else lake.store.current(MIXTURES, recipe)
    )
    if found is None:
        held = [one for one in lake.store.versions(MIXTURES) if one.key == recipe]
        what = ", ".join(one.version for one in held[:_SHOWN])
        raise MissingError(
            f"mixture {recipe}{'@' if version else ''}{version} was reported; "
            + (f"the lake has {len(held)} versions of {recipe}: {what}" if held else "the lake has those of ")
            + ("" if held else ", ".join(lake.store.partitions(MIXTURES)) or "nothing")
        )
    if state and read != f"{recipe}@{found.version}":
        raise SettingError(
            f"mixture {recipe}@{found.version} was reported; the state {report.state} is of {read}; leave "
            "--mixture out, or give the state of that run"
        )
    return found


def _reading_of(report: Report, state: dict[str, Any] | None) -> Reading:
    """Return what was read, and in which order."""
    if state:
        return Reading.from_identity(state["reads"])
    if report.context_length is None:
        raise SettingError(
            f"--tokens {report.tokens} was given without --context-length; give the dataset's, or --state of "
            "one that read whole documents"
        )
    return Reading(
        report.context_length, report.seed, report.epochs or 1, None, report.segment_tokens, {}, Shuffle()
    )


def _positions(report: Report, state: dict[str, Any] | None, per_sample: int) -> tuple[int, int]:
    """Return what was read: [first, end)."""
    first = report.first_token
    if state:
        end = state["position"] * per_sample
    elif report.tokens is None:
        raise SettingError("how much was read is not known; give --tokens, or --state of the dataset")
    else:
        end = first + report.tokens
    if not 0 <= first < end or first % per_sample or end % per_sample:
        raise SettingError(
            f"positions {first:,} to {end:,} were reported; a run reads 1 sample or more of {per_sample:,} "
            "each, and begins and ends with one"
        )
    return first, end


def _schedule_of(lake: LakeResources, mixture: Manifest, reading: Reading) -> str:
    """Return the version of the graph's schedule that has the same order; "" where it has another."""
    schedule = lake.store.current("epoch_schedules", mixture.key)
    if schedule is None or reading.repeats or reading.context_length is None:
        return ""
    wanted = {
        "mixture_version": mixture.version, "seed": reading.seed, "segment_tokens": reading.segment_tokens,
        **dataclasses.asdict(reading.shuffle),
    }  # fmt: skip
    return (
        schedule.version if all(schedule.facts.get(name) == value for name, value in wanted.items()) else ""
    )


def _tokenizer_of(lake: LakeResources, mixture: Manifest) -> str:
    """Return the version of the tokenizer whose tokens the snapshot has; "" where the lake has lost it."""
    shard, versions = next(iter(mixture.facts["snapshot"].items()))
    content = lake.store.pinned("quality_signals", shard, versions["quality_signals"]).inputs.get("tokenizer")
    found = [one for one in lake.store.versions("tokenizer") if one.key == WHOLE and one.content == content]
    return found[-1].version if found else ""
