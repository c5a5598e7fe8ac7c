"""A finished lake, read without Dagster; needs pyarrow, which `guyot[lake]` brings."""

import importlib.util
from os import PathLike, fspath
from typing import TYPE_CHECKING

from guyot.errors import SettingError

if TYPE_CHECKING:
    from guyot.lake.lake import Lake

__all__ = ["open_lake"]


def open_lake(place: str | PathLike[str]) -> "Lake":
    """Open a lake for reading; needs `guyot[lake]`.

    Parameters
    ----------
    place : a folder, or s3://bucket/prefix, for which AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and
        AWS_SECRET_ACCESS_KEY, or a role of the machine, are taken from the environment

    Raises
    ------
    MissingError : there is nothing at that place.
    SettingError : pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise SettingError(
            f"the lake {fspath(place)} was asked for; a lake is read by pyarrow, which is not installed; "
            "run `pip install 'guyot[lake]'`"
        )
    from guyot.lake.lake import Lake
    from guyot.lake.versions import Versions

    return Lake(Versions(fspath(place)))
