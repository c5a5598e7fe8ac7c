"""The command `guyot` without a process for every verb: all it does and says, and not the seconds of a start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result
from support.lake import environment

if TYPE_CHECKING:
    from assets.graph.lake import LakeResources

BETWEEN = "--- next verb ---"
# for `python -c`, with a JSON list of verbs with their arguments
VERBS = f"""
import json, sys
from guyot.cli import main
for number, words in enumerate(json.loads(sys.argv[1])):
    if number:
        print({BETWEEN!r}, flush=True)
    main(words, standalone_mode=False)
"""


def guyot_here(lake: LakeResources, *arguments: str) -> Result:
    """Run a verb with a lake's settings; the environment is as before afterwards."""
    from guyot.cli import main

    before = dict(os.environ)
    os.environ.update(environment(lake))
    try:
        return CliRunner().invoke(main, list(arguments))
    finally:
        os.environ.clear()
        os.environ.update(before)
