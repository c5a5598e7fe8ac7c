"""`guyot soup RUN...`: runs of a lake averaged into one file, and what it does on held-out documents."""

import json
from pathlib import Path
from typing import Any

from guyot.cli.said import say
from guyot.errors import MissingError, SettingError
from jobs.cli.options import put, settings_given


def soup_of_runs(runs: list[str], method: str, output: Path, dtype: str | None, lake: str | None) -> None:
    """Make a soup of runs, write it, and print what went in and how it does.

    Parameters
    ----------
    runs : recipe/seed of each, live in the lake
    dtype : of the soup's floats; None: float32, as the runs have

    Raises
    ------
    SettingError : runs of different architectures or tokenizers, or a file that cannot be written.
    MissingError : a run that is not in the lake.
    """
    put(lake=lake)
    if not output.resolve().parent.is_dir():
        raise SettingError(f"{output} was asked for; there is no folder {output.parent}; make it first")
    from assets.train.inputs.ingredients import warning_of
    from assets.train.inputs.souping import BEST
    from guyot.train.soups import write_weights

    souping, reported, settings = _opened(runs)
    ingredients = souping.ingredients
    for one in ingredients:
        say(f"{one.key}: run {one.run_id}, began with {one.record['init']}")
    warning = warning_of(ingredients)
    if warning:
        say(f"warning: {warning}", err=True)
    n_choosing, n_reported = len(souping.choosing.scored_bytes), len(reported.scored_bytes)
    measure = "image" if settings.reading.documents == "image" else "byte"
    say(f"bits per {measure} on {n_reported} held-out documents, and on {n_choosing} others that choose:")
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    best, soup = souping.make(BEST), souping.make(method)
    for made in (best, soup):
        found = [souping.bits(made, part, **bootstrap) for part in (reported, souping.choosing)]
        say(f"  {made.method}: {', '.join(map(str, found))}")
    for layer, shares in soup.shares.items():
        of_each = ", ".join(f"{one.key} {shares[one.run_id]:.4f}" for one in ingredients)
        say(f"shares of {layer}: {of_each}")
    for (i, j), found in souping.barriers().items():
        say(f"barrier between {ingredients[i].key} and {ingredients[j].key}: {found.height:.4f}")
    what = {"method": method, "ingredients": [one.run_id for one in ingredients], "shares": soup.shares}
    weights: dict[str, Any] = soup.weights or {}
    wanted = {"float64": "F64", "float16": "F16", "bfloat16": "BF16"}.get(dtype or "", "F32")
    write_weights(output, weights, dict.fromkeys(weights, wanted), {"soup": json.dumps(what, sort_keys=True)})
    say(f"soup: {output}, {output.stat().st_size:,} bytes")


def _opened(runs: list[str]) -> tuple[Any, Any, Any]:
    """Open the lake; return what makes soups of the runs, the part that is reported, and the settings."""
    from assets.graph import discover
    from assets.graph.lake import LakeResources
    from assets.train.inputs.souping import open_souping

    lake = LakeResources(settings_given())
    reader = discover.asset("model_soups").reader(lake)
    there = reader.partitions("training_runs")
    for run in runs:
        if run not in there:
            raise MissingError(
                f"run {run} was asked for; the lake {reader.root} has {', '.join(there) or 'none'}; name one "
                "of these, as recipe/seed"
            )
    souping, reported = open_souping(lake, reader, [reader.required("training_runs", run) for run in runs])
    return souping, reported, lake.settings
