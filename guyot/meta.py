"""Single values of a document's meta: its record's other columns, as the text of a JSON object."""

import json
from typing import Any, cast


def meta_value(meta: str | None, key: str) -> str:
    """Return a value of a document's meta as text.

    Parameters
    ----------
    meta : a JSON object, as raw_shards has it; None, or empty, is one without keys
    key : which of its values

    Returns
    -------
    Text without space at its ends, a number as JSON writes it, true or false; empty where there is no such
    key, or the value is null, a list or an object

    Examples
    --------
    >>> meta = '{"split": "ood", "n": 3, "flag": true, "parts": [1]}'
    >>> [meta_value(meta, key) for key in ("split", "n", "flag", "parts", "size")]
    ['ood', '3', 'true', '', '']
    """
    found: Any = json.loads(meta) if meta else {}
    value = cast(dict[str, Any], found).get(key) if isinstance(found, dict) else None
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value) if isinstance(value, int | float) else ""
