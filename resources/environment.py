"""Reads the GUYOT_ variables by pydantic-settings, and explains wrong values.

GUYOT_<NAME> sets a setting at the top, GUYOT_<GROUP>__<NAME> one of a group.
"""

import os
from typing import Any

from pydantic import BaseModel, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from guyot.errors import SettingError
from resources.setting_names import DELIMITER, PREFIX, check_names, flat, setting_names, variable


def read(model: type[BaseModel]) -> dict[str, Any]:
    """Read the variables of a model's settings, as text, in one mapping for each group.

    A variable that is set but empty counts as not set.

    Raises
    ------
    SettingError : a GUYOT_ variable that names no setting.
    """
    given = [name.upper() for name, value in os.environ.items() if value]
    names = [name.removeprefix(PREFIX).lower() for name in given if name.startswith(PREFIX)]
    check_names([n.replace(DELIMITER, ".") for n in names], setting_names(model), are_variables=True)
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in model.model_fields.items()}
    settings = create_model("Variables", __base__=BaseSettings, **fields)
    source = EnvSettingsSource(
        settings, env_prefix=PREFIX, env_nested_delimiter=DELIMITER, env_ignore_empty=True
    )
    try:
        return source()
    except SettingsError as error:
        raise SettingError(f"the {PREFIX} variables cannot be read: {error}") from error


def explain(error: ValidationError, from_variables: dict[str, Any]) -> str:
    """Describe the first wrong value: its setting, what was found and what is allowed.

    Parameters
    ----------
    from_variables : what `read` gave, so that a value's variable can be named
    """
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    found = f"{name}={first['input']!r}: {first['msg']}"
    if name in flat(from_variables):
        return f"{found}; set {variable(name)} otherwise"
    return found
