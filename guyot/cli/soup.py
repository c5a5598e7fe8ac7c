"""`guyot soup`: one model from several, by averaging their weights."""

from pathlib import Path

import click

from guyot.cli.said import say

SUFFIX = ".safetensors"
METHODS = ("uniform", "greedy", "learned", "learned_per_layer")


@click.command("soup")
@click.argument("ingredients", metavar="FILE|RUN...", nargs=-1, required=True)
@click.option(
    "--out", "output", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="The soup, a .safetensors file.",
)  # fmt: skip
@click.option(
    "--method", type=click.Choice(METHODS), default="uniform", show_default=True,
    help="How the shares are found; all but uniform need runs of a lake.",
)  # fmt: skip
@click.option(
    "--dtype", type=click.Choice(["float64", "float32", "float16", "bfloat16"]),
    help="Of the soup's floats.  [default: the first ingredient's]",
)  # fmt: skip
@click.option("--lake", metavar="DIR", help="The lake of the runs. [GUYOT_LAKE; ./lake of the checkout]")
def soup_command(
    ingredients: tuple[str, ...], output: Path, method: str, dtype: str | None, lake: str | None
) -> None:
    """Average the weights of models that were trained on from one checkpoint.

    FILE is a .safetensors file of anyone's; RUN is recipe/seed, a live run of the lake, of which the soup and
    its ingredients are evaluated on held-out documents.
    """
    from guyot.errors import SettingError

    files = [Path(name) for name in ingredients if name.endswith(SUFFIX)]
    if output.suffix != SUFFIX:
        raise SettingError(f"--out {output} was given; weights are written as {SUFFIX}; name it so")
    if len(ingredients) < 2 or len(set(ingredients)) < len(ingredients):
        raise SettingError(
            f"{len(ingredients)} ingredients were given, {len(set(ingredients))} of them different; give 2 "
            "or more, each once"
        )
    if not files:
        from guyot.cli.graph_verbs import graph_module

        graph_module("jobs.cli.soup").soup_of_runs(list(ingredients), method, output, dtype, lake)
    elif len(files) == len(ingredients):
        _soup_of_files(files, method, output, dtype)
    else:
        raise SettingError(
            f"{len(files)} files and {len(ingredients) - len(files)} runs were given; give files alone, or "
            "runs alone"
        )


def _soup_of_files(files: list[Path], method: str, output: Path, dtype: str | None) -> None:
    """Average files, and say what went in."""
    from guyot.errors import SettingError
    from guyot.train.soups import init_warning, lowest_cosine, soup_files

    if method != "uniform":
        raise SettingError(
            f"--method {method} was asked for of {len(files)} files; it decides by held-out documents, which "
            "runs of a lake have; give runs, or --method uniform"
        )
    opened = soup_files(files, output, dtype)
    n_values = sum(array.size for array in opened[0].outline.values())
    for file in opened:
        kinds = ", ".join(sorted(set(file.dtypes.values())))
        say(f"{file.path}: {len(file):,} tensors, {n_values:,} values, {kinds}, share {1 / len(opened):.4f}")
    cosine = lowest_cosine(opened)
    say(f"lowest cosine of two ingredients' weights: {cosine:.3f}")
    warning = init_warning([], cosine)
    if warning:
        say(f"warning: {warning}", err=True)
    say(f"soup: {output}, {output.stat().st_size:,} bytes; nothing is known of how well it does")
