"""The settings of the audits: each with its default, its limits and its meaning."""

from dagster import Config
from pydantic import Field


class AuditSettings(Config):
    """How large the audits' samples are, and where their checks warn."""

    corruption_sample_size: int = Field(
        default=100,
        gt=0,
        description="Python documents that are corrupted to measure the encoder's sensitivity",
    )
    duplicate_sample_size: int = Field(
        default=100, gt=0, description="documents of which duplicates are made to measure what methods find"
    )
    invariance_sample_size: int = Field(
        default=16,
        gt=0,
        description="documents of Python, and as many of other kinds, that are transformed to see what the "
        "encoder overlooks",
    )
    invariance_image_sample_size: int = Field(
        default=8, gt=0, description="the same of images, of which a model encodes some 20 a second"
    )
    map_probe_sample_size: int = Field(
        default=5_000,
        gt=0,
        description="episodes, of training and as many held out, that an agent's memory is read along",
    )
    factor_label: str = Field(
        default="", description="field of meta with an image's class; empty: its cluster"
    )
    factor_class_size: int = Field(
        default=10, ge=2, description="images of each class in which factors of the data are sought"
    )
    length_confound_threshold: float = Field(
        default=0.5, ge=0, le=1, description="a check warns where a score follows the length more than this"
    )
    factor_columns: str = Field(
        default="",
        description="keys of the documents' meta that are known factors, by commas; auto: all that every "
        "document has, of 2 to 48 values; empty: factor_audit is left out",
    )
    factor_sample_size: int = Field(default=4000, gt=0, description="documents whose factors are decoded")
    duplicate_group_column: str = Field(default="duplicate_group", description="key that known copies share")
    duplicate_variant_column: str = Field(default="variant", description="key that is empty of originals")
    bootstrap_draws: int = Field(default=1000, gt=0, description="bootstrap draws of an interval")
