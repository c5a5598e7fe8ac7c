"""Which documents are held out: decided once, for whole units, and kept in later scans.

A unit is what stays together on one side:

- `directory`: the first directory of the path; a file in the root is a unit of its own
- `file`: one source file
- `record`: one record of a record file (JSON lines, Parquet), or one file that is one document

`auto` splits record files by record, and all other files by directory if the first scan that sees
any finds at least 10 such groups, else by file. A rule that was decided is kept while the three
settings (what is held out, fraction, seed) stay as they are, so no unit ever changes sides because
others came or went; changing one of the three decides anew.

Every unit has a number u in [0, 1) of its label and the seed alone: `uniforms(seed, "held_out",
[label])`; the label is the directory, the path, or path + U+001F + record key.

- directory and file: held out if u < threshold. When the rule is decided with n units the threshold
  is just above the k-th smallest u, k = ceil(fraction * n), at least 1 and at most n - 1: exactly k
  units are held out then, and with two units neither side is empty. A single unit stays in train.
  Units that come later are compared with the same threshold.
- a directory that holds more than a quarter of the fraction of all files when the rule is decided stays
  in train for good and is not drawn: what is held out would else be one or two giants, and say little of
  others. Where that is more than half of all directories, those with more than the fraction are meant, and
  where these are all, none.
- record: held out if u < fraction.

A source may say of a record which split it is of; then no rule is asked, see `stated_split`.
"""

import collections
import math
from dataclasses import dataclass

from guyot import seeds
from guyot.errors import SettingError

TRAIN = "train"
HELD_OUT = "held_out"
RECORD = "record"
_TRAINS = ("train", "training")  # as sources call it; any other name is of what is held out
MIN_GROUPS = 10
_LARGEST_SHARE = 0.25  # of what is held out, for one group
_CHOICES = ("auto", "directory", "file", "record")
_LABEL = "held_out"
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class HeldOutRule:
    """The rule of what is held out: the setting, and what was decided.

    by, fraction, seed : the settings it was decided for
    unit : directory, file or record, of the files that are one document
    record_unit : the same, of the record files
    n_units : directories or files there were at the decision; 0: nothing to decide yet
    threshold : a directory or file with a number below is held out
    too_large : directories that are never held out, sorted
    """

    by: str
    fraction: float
    seed: int
    unit: str
    record_unit: str
    n_units: int
    threshold: float
    too_large: tuple[str, ...] = ()


def group_of(path: str) -> str:
    """Return the first directory of a path, or the path itself for a file in the root.

    Examples
    --------
    >>> group_of("json/decoder.py"), group_of("ast.py")
    ('json', 'ast.py')
    """
    return path.split("/", 1)[0]


def decide(
    document_paths: list[str],
    record_paths: list[str],
    *,
    by: str,
    fraction: float,
    seed: int,
    previous: HeldOutRule | None = None,
) -> HeldOutRule:
    """Decide what is held out, or keep what was decided before.

    Parameters
    ----------
    document_paths : files that are one document each, relative to the source root
    record_paths : files of many records
    by : auto, directory, file or record
    fraction : share of units held out, 0-1; 0 holds out nothing
    previous : the rule of the scan before; kept if by, fraction and seed are still the same

    Raises
    ------
    SettingError : `by` is none of the four, or the fraction is outside [0, 1).

    Notes
    -----
    O(n log n) in the files.

    Examples
    --------
    >>> decide(["a.py", "b.py", "c.py"], [], by="auto", fraction=0.1, seed=0).n_units
    3
    """
    if by not in _CHOICES:
        raise SettingError(f"held_out_by={by!r} is unknown; choose one of {', '.join(_CHOICES)}")
    if not 0 <= fraction < 1:
        raise SettingError(f"held_out_fraction={fraction} leaves nothing to train on; use [0, 1)")
    same = previous and (previous.by, previous.fraction, previous.seed) == (by, fraction, seed)
    if previous and same and previous.n_units:
        return previous
    unit, record_unit = (by, by) if by != "auto" else (_auto_unit(document_paths), RECORD)
    paths = document_paths if by == "auto" else document_paths + record_paths
    files_of = collections.Counter(_label(path, unit) for path in paths if unit != RECORD)
    too_large = _too_large(files_of, fraction)
    threshold = _threshold(sorted(files_of), too_large, fraction, seed)
    return HeldOutRule(by, fraction, seed, unit, record_unit, len(files_of), threshold, too_large)


def file_splits(rule: HeldOutRule, paths: list[str], *, of_records: bool) -> list[str]:
    """Return each file's split: `train`, `held_out`, or `record` where each record has its own.

    Parameters
    ----------
    paths : n files, all of one sort
    of_records : whether they are record files

    Examples
    --------
    >>> rule = decide([], ["a.jsonl"], by="auto", fraction=0.1, seed=0)
    >>> file_splits(rule, ["a.jsonl"], of_records=True)
    ['record']
    """
    unit = rule.record_unit if of_records else rule.unit
    if unit == RECORD:
        return [RECORD] * len(paths)
    labels = [_label(path, unit) for path in paths]
    drawn = seeds.uniforms(rule.seed, _LABEL, labels)
    return [
        HELD_OUT if u < rule.threshold and label not in rule.too_large else TRAIN
        for label, u in zip(labels, drawn.tolist(), strict=True)
    ]


def unit_of(rule: HeldOutRule, path: str, record_key: str = "") -> str:
    """Name the unit that a document belongs to: what is held out whole, or not at all.

    Parameters
    ----------
    record_key : of a record of a file of many; empty for a file that is one document

    Examples
    --------
    >>> rule = HeldOutRule("auto", 0.1, 0, "directory", "record", 0, 0.1)
    >>> unit_of(rule, "json/decoder.py"), unit_of(rule, "a.jsonl", "7")
    ('json', 'a.jsonl#7')
    """
    unit = rule.record_unit if record_key else rule.unit
    if unit == RECORD:
        return f"{path}#{record_key}" if record_key else path
    return _label(path, unit)


def record_splits(path: str, record_keys: list[str], *, fraction: float, seed: int) -> list[str]:
    """Return each record's split, `train` or `held_out`, from its path, key and the seed alone.

    Examples
    --------
    >>> record_splits("a.jsonl", ["0", "1"], fraction=0.0, seed=0)
    ['train', 'train']
    """
    labels = [f"{path}{_SEPARATOR}{key}" for key in record_keys]
    drawn = seeds.uniforms(seed, _LABEL, labels)
    return [HELD_OUT if u < fraction else TRAIN for u in drawn.tolist()]


def stated_split(name: str) -> str | None:
    """Return the split that a source's own name for it means; None for no name: a rule decides.

    Examples
    --------
    >>> [stated_split(name) for name in ("train", "Training", "validation", "ood", "")]
    ['train', 'train', 'held_out', 'held_out', None]
    """
    if not name.strip():
        return None
    return TRAIN if name.strip().lower() in _TRAINS else HELD_OUT


def _auto_unit(paths: list[str]) -> str:
    """Choose directories where there are enough of them."""
    return "directory" if len({group_of(path) for path in paths}) >= MIN_GROUPS else "file"


def _label(path: str, unit: str) -> str:
    """Name the unit a file belongs to."""
    return group_of(path) if unit == "directory" else path


def _too_large(files_of: collections.Counter[str], fraction: float) -> tuple[str, ...]:
    """Name the units that are too large a part of what is held out."""
    many = _larger(files_of, _LARGEST_SHARE * fraction)
    if 2 * len(many) <= len(files_of):
        return many
    large = _larger(files_of, fraction)
    return large if len(large) < len(files_of) else ()


def _larger(files_of: collections.Counter[str], share: float) -> tuple[str, ...]:
    """Name the units with more than a share of all files."""
    return tuple(sorted(label for label, n in files_of.items() if n > share * files_of.total()))


def _threshold(labels: list[str], too_large: tuple[str, ...], fraction: float, seed: int) -> float:
    """Find the number below which exactly the intended count of these units lies."""
    if not labels or fraction == 0:
        return fraction
    drawable = [label for label in labels if label not in too_large]
    drawn = sorted(seeds.uniforms(seed, _LABEL, drawable).tolist())
    if len(labels) == 1:
        return min(fraction, drawn[0])
    # rounded first: 0.07 * 100 is 7.000000000000001
    wanted = math.ceil(round(fraction * len(labels), 9))
    held_out = min(max(1, wanted), len(labels) - 1, len(drawable))
    return math.nextafter(drawn[held_out - 1], 1.0)
