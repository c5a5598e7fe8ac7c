"""Whether a snapshot obeys the withdrawals: each shard that one names was read again since."""

from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.errors import MissingError

_MAX_NAMED = 3


def require_obeyed(reader: TableReader, snapshot: Snapshot) -> None:
    """Refuse a snapshot of shards that were read before something of theirs was withdrawn.

    Raises
    ------
    MissingError : there are such shards; the message names them.
    """
    stamps: dict[str, str] = reader.required("shard_registry").facts.get("withdrawals", {})
    waiting = [
        shard
        for shard in snapshot.names
        if shard in stamps
        and snapshot.manifest(reader, "raw_shards", shard).inputs.get("withdrawals") != stamps[shard]
    ]
    if waiting:
        more = ", ..." if len(waiting) > _MAX_NAMED else ""
        raise MissingError(
            f"a mixture was to be cut from a snapshot; {len(waiting)} of its {len(snapshot.names)} shards "
            f"are older than a withdrawal ({', '.join(waiting[:_MAX_NAMED])}{more}); `guyot run` makes them "
            "anew and takes a new snapshot"
        )
