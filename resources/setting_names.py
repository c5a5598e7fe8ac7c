"""The names of settings, dotted (`clustering.n_clusters`) and as variables (GUYOT_CLUSTERING__N_CLUSTERS)."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from guyot.errors import SettingError

PREFIX = "GUYOT_"
DELIMITER = "__"
# the former flat names, and the present name of each setting
RENAMED = {
    "kinds": "reading.kinds", "text_column": "reading.text_column", "id_column": "reading.id_column",
    "max_document_bytes": "reading.max_document_bytes", "shard_bytes": "reading.shard_bytes",
    "held_out_fraction": "reading.held_out_fraction", "held_out_by": "reading.held_out_unit",
    "encoder_pooling": "encoding.pooling", "encoder_max_tokens": "encoding.max_tokens",
    "encoder_windows": "encoding.windows", "encoder_batch_windows": "encoding.batch_windows",
    "vocabulary_size": "tokenization.vocabulary_size", "tokenizer_sample_bytes": "tokenization.sample_bytes",
    "n_clusters": "clustering.n_clusters", "kmeans_iterations": "clustering.iterations",
    "kmeans_points_per_cluster": "clustering.points_per_cluster",
    "drift_threshold": "clustering.drift_threshold", "border_margin": "clustering.border_margin",
    "all_pairs_below_documents": "clustering.all_pairs_max_documents",
    "minhash_shingle": "minhash.shingle_unit", "minhash_shingle_size": "minhash.shingle_size",
    "minhash_jaccard": "minhash.jaccard", "corruption_documents": "audit.corruption_sample_size",
    "duplicate_documents": "audit.duplicate_sample_size", "bootstrap_draws": "audit.bootstrap_draws",
    "length_confound_threshold": "audit.length_confound_threshold", "train_tokens": "training.tokens",
    "visit_tokens": "training.segment_tokens", "train_learning_rate": "training.learning_rate",
    "train_batch_windows": "training.batch_windows", "train_window_tokens": "training.window_tokens",
    "model_width": "training.model_width", "model_layers": "training.model_layers",
    "model_heads": "training.model_heads", "evaluation_documents": "training.evaluation_documents",
    "evaluation_tokens": "training.evaluation_tokens", "sensor_seconds": "automation.sensor_seconds",
    "curate_cron": "automation.curate_cron", "curate_hours": "automation.curate_hours",
}  # fmt: skip


def variable(name: str) -> str:
    """Name the variable of a setting.

    Examples
    --------
    >>> variable("lake"), variable("clustering.n_clusters")
    ('GUYOT_LAKE', 'GUYOT_CLUSTERING__N_CLUSTERS')
    """
    return PREFIX + name.replace(".", DELIMITER).upper()


@functools.cache
def setting_names(model: type[BaseModel]) -> tuple[str, ...]:
    """List the dotted names of a model's settings."""
    names: list[str] = []
    for name in model.model_fields:
        group = group_of(model, name)
        names += [f"{name}.{inner}" for inner in group.model_fields] if group else [name]
    return tuple(names)


def check_names(names: Iterable[str], known: Sequence[str], *, are_variables: bool = False) -> None:
    """Refuse names that are no settings.

    Parameters
    ----------
    names, known : dotted names of settings
    are_variables : the names were read from variables of the environment

    Raises
    ------
    SettingError : an unknown name; the message gives the new name of a renamed setting.

    Examples
    --------
    >>> check_names(["n_clusters"], ["clustering.n_clusters"])
    Traceback (most recent call last):
    guyot.errors.SettingError: setting 'n_clusters' was given; it is clustering.n_clusters now
    """
    for name in names:
        if name in known:
            continue
        written = variable if are_variables else str
        given = f"variable {variable(name)}" if are_variables else f"setting {name!r}"
        if name in RENAMED:
            raise SettingError(f"{given} was given; it is {written(RENAMED[name])} now")
        raise SettingError(
            f"{given} was given; there is no such setting; choose from {', '.join(map(written, known))}"
        )


def nested(given: dict[str, Any]) -> dict[str, Any]:
    """Put settings into their groups, named in front of a dot or two underscores.

    Examples
    --------
    >>> nested({"seed": 1, "clustering.n_clusters": 2, "clustering__iterations": 3})
    {'seed': 1, 'clustering': {'n_clusters': 2, 'iterations': 3}}
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        group, _, inner = name.replace(DELIMITER, ".").partition(".")
        found = merged(found, {group: {inner: value} if inner else value})
    return found


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Merge two mappings, group by group; the second has precedence.

    Examples
    --------
    >>> merged({"seed": 1, "clustering": {"n_clusters": 2}}, {"clustering": {"iterations": 3}})
    {'seed': 1, 'clustering': {'n_clusters': 2, 'iterations': 3}}
    """
    found = dict(under)
    for name, value in over.items():
        before = found.get(name)
        if isinstance(before, BaseModel):
            before = before.model_dump(exclude_unset=True)
        if isinstance(before, dict) and isinstance(value, dict):
            found[name] = {**before, **value}
        else:
            found[name] = value
    return found


def flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by their dotted names.

    Examples
    --------
    >>> flat({"seed": 1, "clustering": {"n_clusters": 2}})
    {'seed': 1, 'clustering.n_clusters': 2}
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        group = value.model_dump() if isinstance(value, BaseModel) else value
        if isinstance(group, Mapping):
            found |= {f"{name}.{inner}": part for inner, part in group.items()}
        else:
            found[name] = value
    return found


def group_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model of a group by its name, or None if the name is not that of a group."""
    annotation = model.model_fields[name].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def field_of(model: type[BaseModel], name: str) -> FieldInfo:
    """Return the field of a setting by its dotted name."""
    outer, _, inner = name.partition(".")
    group = group_of(model, outer) if inner else None
    return group.model_fields[inner] if group else model.model_fields[outer]
