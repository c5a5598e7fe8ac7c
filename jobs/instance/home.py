"""Where Dagster keeps its event log: inside a local lake, beside one on S3, or where DAGSTER_HOME says."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from guyot.errors import UnreachableError, UnwritableError, first_line
from guyot.identity import fingerprint
from resources.places import S3, absolute, is_remote
from resources.settings import ROOT, Settings
from resources.storage import unwritable

_FULL = ("disk is full", "disk I/O error")  # as sqlite says it; without room its other files fail so
_READ_ONLY = "readonly database"


def dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's event log, which is created and configured if needed.

    DAGSTER_HOME, where it is set, wins: a service keeps its runs in its own database.

    Raises
    ------
    UnwritableError : it cannot be created.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or _beside(absolute(settings.lake)))
    home = home.expanduser().resolve()  # as Dagster's own processes read the variable
    with unwritable.explained(str(home)):
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "dagster.yaml").exists():
            shutil.copy(ROOT / "dagster.yaml", home / "dagster.yaml")
    return home


@contextlib.contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the event log of a lake; DAGSTER_HOME names it meanwhile.

    Raises
    ------
    UnwritableError : its database takes nothing: the disk is full, or it is read-only.
    UnreachableError : it does not answer.
    """
    before, home = os.environ.get("DAGSTER_HOME"), str(dagster_home(settings))
    os.environ["DAGSTER_HOME"] = home
    try:
        with _explained(home), dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


@contextlib.contextmanager
def _explained(home: str) -> Iterator[None]:
    """Say what is wrong with the event log where its database takes nothing."""
    import sqlalchemy.exc

    try:
        with unwritable.explained(home):
            yield
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError) as error:
        why = first_line(error.orig or error)
        if any(said in why for said in _FULL):
            raise unwritable.full(home, f"the event log's database says: {why}") from error
        if _READ_ONLY in why:
            raise UnwritableError(
                f"the event log in {home} was to be written, and {why}; set DAGSTER_HOME to another folder"
            ) from error
        raise _away(home, why) from error
    except Exception as error:
        from dagster_postgres.utils import DagsterPostgresException

        if not isinstance(error, DagsterPostgresException):
            raise
        raise _away(home, first_line(error.__cause__ or error)) from error


def _away(home: str, why: str) -> UnreachableError:
    """Return the error of an event log whose database does not answer."""
    return UnreachableError(
        f"the event log of {home} was asked for, and its database says: {why}; see its dagster.yaml"
    )


def _beside(lake: str) -> Path:
    """Name the folder of a lake's event log."""
    if not is_remote(lake):
        return Path(lake) / ".dagster"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    readable = re.sub(r"[^\w.-]+", "-", lake.removeprefix(S3)).strip("-")
    return Path(state) / "guyot" / f"{readable}-{fingerprint(lake)[:8]}"  # a/b and a-b are two lakes
