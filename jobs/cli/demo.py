"""The demo: the graph over code that is on every machine, without a download.

The source is a folder of links to the Python files of the standard library and of packages in the
demo's own environment: full of near-duplicates, and of very long files.
"""

import sysconfig
from collections.abc import Iterator
from pathlib import Path

from jobs.cli.demo_graph import show_graph
from resources.settings import ROOT

SOURCE = ROOT / "build" / "demo-source"
PACKAGES = (
    "alembic", "altair", "anyio", "attr", "boto3", "botocore", "charset_normalizer", "click",
    "dateutil", "filelock", "fsspec", "graphene", "graphql", "idna", "jinja2", "jsonschema", "mako",
    "markdown_it", "mpmath", "narwhals", "packaging", "platformdirs", "psutil", "pyarrow", "pydantic",
    "pydantic_settings", "referencing", "requests", "rich", "s3transfer", "starlette", "structlog",
    "tomlkit", "tqdm", "typer", "urllib3", "uvicorn", "watchdog", "websockets", "yaml",
)  # fmt: skip
MODELS = "transformers/models"  # of which those called a to m: families of near-duplicates
STANDARD_LIBRARY_WITHOUT = {"site-packages", "dist-packages", "test", "tests", "__pycache__"}
SETTINGS = {
    "encoder": "static",  # hundreds of documents a second, after a minute for the model; see docs/encoders.md
    "reading.shard_bytes": "4000000",  # small, so that there are some shards to see
    "reading.held_out_fraction": "0.2",  # of its packages, so that there are some to measure on
    "training.tokens": "100000",  # a third of the default, and with it three seeds in the time of one
    "training.evaluation_tokens": "256",
    "training.curve_tokens": "3072",  # which costs less than a tenth of such a training
}


def main() -> None:
    """Link the corpus, run the graph, and say where to look."""
    files = link(SOURCE)
    print(f"{files:,} Python files linked into {SOURCE.relative_to(ROOT)}", flush=True)  # noqa: T201
    show_graph(
        SETTINGS,
        SOURCE,
        {
            "the graph": "make ui",
            "the tables": '.venv/bin/guyot sql "select * from mixtures"',
            "one document": ".venv/bin/guyot explain transformers/axk2/modeling_axk2.py --recipe semdedup",
        },
    )


def link(target: Path) -> int:
    """Link exactly the files of the corpus into the folder; return their number."""
    wanted = {target / name: file for name, file in corpus()}
    for old in sorted(target.rglob("*.py")):
        if old not in wanted:
            old.unlink()
    for link_path, file in wanted.items():
        if not link_path.is_symlink() or link_path.readlink() != file:
            link_path.parent.mkdir(parents=True, exist_ok=True)
            link_path.unlink(missing_ok=True)
            link_path.symlink_to(file)
    return len(wanted)


def corpus() -> Iterator[tuple[str, Path]]:
    """Yield (name in the source, file); the first folder of the name is the package."""
    standard = Path(sysconfig.get_path("stdlib"))
    for file in sorted(standard.rglob("*.py")):
        inside = file.relative_to(standard)
        if not STANDARD_LIBRARY_WITHOUT.intersection(inside.parts):
            yield f"stdlib/{inside}", file
    installed = Path(sysconfig.get_path("purelib"))
    for package in PACKAGES:
        for file in sorted((installed / package).rglob("*.py")):
            yield str(file.relative_to(installed)), file
    models = installed / MODELS
    for file in sorted(models.rglob("*.py")):
        if "a" <= file.relative_to(models).parts[0][0] <= "m":
            yield f"transformers/{file.relative_to(models)}", file


if __name__ == "__main__":
    main()
