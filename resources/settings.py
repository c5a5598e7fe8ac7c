"""All settings in their groups. Arguments override the environment, which overrides the launchpad.

The command line puts its arguments into the environment, so one rule serves both: GUYOT_<NAME>, or
GUYOT_<GROUP>__<NAME>, where set, wins over what the launchpad or `definitions.py` says.
"""

from pathlib import Path
from typing import Any, Self

from dagster import ConfigurableResource
from pydantic import ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from guyot.errors import SettingError
from resources import environment, setting_names
from resources.audit_settings import AuditSettings
from resources.navigation_settings import NavigationSettings
from resources.places import absolute
from resources.setting_groups import (
    AutomationSettings,
    ClusteringSettings,
    ContaminationSettings,
    EncodingSettings,
    MinHashSettings,
    ReadingSettings,
    SceneSettings,
    TokenizationSettings,
)
from resources.training_settings import TrainingSettings

ROOT = Path(__file__).resolve().parents[1]


class Settings(ConfigurableResource[Any]):
    """Settings of the whole graph; each asset's version hashes only those that it uses."""

    model_config = ConfigDict(hide_input_in_errors=True)  # which may hold a password

    lake: str = Field(
        default=str(ROOT / "lake"), description="root of the lake, a directory or s3://bucket/prefix"
    )
    source: str = Field(
        default=str(ROOT / "build" / "demo-source"),
        description="root of the source files, a directory or s3://bucket/prefix",
    )
    encoder: str = Field(
        default="",
        description="minilm, static, hashing, a local model directory or a hub id; of images pixels, "
        "efficientnet-lite0 or a directory; of episodes path or a policy's directory; empty: minilm, of "
        "images pixels, of episodes path",
    )
    engine: str = Field(
        default="threads",
        description="what runs the work: threads, or ray://host:port, the head of a Ray cluster",
    )
    threads: int = Field(default=0, ge=0, description="worker threads of the engine; 0: one per core")
    seed: int = Field(default=0, ge=0, description="seed of samples, clusters and schedules")
    block_rows: int = Field(default=1024, gt=0, description="rows per block of an all-pairs product")
    reading: ReadingSettings = Field(
        default_factory=ReadingSettings, description="how the source files are read"
    )
    encoding: EncodingSettings = Field(
        default_factory=EncodingSettings, description="how the encoder reads a document"
    )
    tokenization: TokenizationSettings = Field(
        default_factory=TokenizationSettings, description="the tokenizer's training"
    )
    clustering: ClusteringSettings = Field(
        default_factory=ClusteringSettings, description="clusters and comparisons"
    )
    minhash: MinHashSettings = Field(default_factory=MinHashSettings, description="what MinHash compares")
    contamination: ContaminationSettings = Field(
        default_factory=ContaminationSettings, description="evaluation sets and copies of them"
    )
    audit: AuditSettings = Field(
        default_factory=AuditSettings, description="samples and thresholds of the audits"
    )
    training: TrainingSettings = Field(
        default_factory=TrainingSettings, description="models and their evaluation"
    )
    scenes: SceneSettings = Field(
        default_factory=SceneSettings, description="rendered scenes of known factors"
    )
    navigation: NavigationSettings = Field(
        default_factory=NavigationSettings, description="blind agents, their mazes and episodes"
    )
    automation: AutomationSettings = Field(
        default_factory=AutomationSettings, description="when the graph acts by itself"
    )

    @model_validator(mode="wrap")
    @classmethod
    def _read_environment(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Apply the environment's values over the arguments; explain wrong values.

        A place with credentials in it is refused here, before a run's configuration is written down.
        """
        if not isinstance(given, dict):
            return handler(given)
        setting_names.check_names(setting_names.flat(given), cls.names())
        from_variables = environment.read(cls)
        try:
            found = handler(setting_names.merged(given, from_variables))
            for place in (found.lake, found.source):
                absolute(place)
            return found
        except ValidationError as error:
            raise SettingError(environment.explain(error, from_variables)) from error

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """List the dotted names of all settings."""
        return setting_names.setting_names(cls)

    @classmethod
    def of(cls, **given: Any) -> "Settings":
        """Return settings given by flat names: `clustering__n_clusters=3`, or dotted ones as keys.

        Examples
        --------
        >>> Settings.of(seed=1, clustering__n_clusters=3).select("seed", "clustering.n_clusters")
        {'seed': 1, 'clustering.n_clusters': 3}
        """
        return cls(**setting_names.nested(given))

    @classmethod
    def default(cls, name: str) -> Any:
        """Return the default of a setting by its dotted name."""
        return setting_names.field_of(cls, name).default

    @classmethod
    def from_environment(cls) -> "Settings":
        """Return the settings of the environment alone.

        Raises
        ------
        SettingError : an unknown variable, or a wrong value; the message lists what is allowed.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error

    def changed(self, **given: Any) -> "Settings":
        """Return a copy with other values for some settings, named as `of` takes them.

        The values are taken as they are, and the environment does not change them.

        Raises
        ------
        SettingError : a name that is no setting.

        Examples
        --------
        >>> Settings.of(seed=1).changed(clustering__n_clusters=3).select("seed", "clustering.n_clusters")
        {'seed': 1, 'clustering.n_clusters': 3}
        """
        parts = setting_names.nested(given)
        setting_names.check_names(setting_names.flat(parts), self.names())
        for name, part in parts.items():
            if isinstance(part, dict):
                parts[name] = getattr(self, name).model_copy(update=part)
        return self.model_copy(update=parts)

    def get(self, name: str) -> Any:
        """Return a setting by its dotted name.

        Raises
        ------
        SettingError : there is no such setting.
        """
        setting_names.check_names([name], self.names())
        group, _, inner = name.partition(".")
        return getattr(getattr(self, group), inner) if inner else getattr(self, group)

    def select(self, *names: str) -> dict[str, Any]:
        """Return the named settings, `clustering.n_clusters` for one of a group, as they enter a version.

        Raises
        ------
        SettingError : a name that is no setting.
        """
        return {name: self.get(name) for name in names}
