"""Corruptions of Python source: an encoder must be sensitive to them for SCIP to find broken code.

Families of two kinds. Those of *syntax* edit tokens: closing brackets go, variables get names that are
odd (these still parse) or invalid. Those of *content* edit the syntax tree, and all that they return
parses: arguments swapped, conditions negated, comparisons and numbers altered, bodies of blocks deleted.
No place is ever found by a regular expression.

So that comparisons are fair, the parent of every corruption is the document normalised by `ast.unparse`,
without comments and with one layout, and it is this parent that is encoded beside its copies, never the
document itself. What `ast.unparse` writes may differ between versions of Python.
"""

import ast
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from guyot.audit.corruption import edit_sites as places
from guyot.audit.corruption.edit_sites import EditSite
from guyot.errors import SettingError
from guyot.seeds import generator
from guyot.text.signals import parsed

Syntax = Literal["closing_brackets", "odd_names", "invalid_names"]
Content = Literal[
    "swapped_arguments", "negated_conditions", "altered_comparisons", "altered_numbers", "deleted_blocks"
]
Family = Syntax | Content
SYNTAX: tuple[Syntax, ...] = get_args(Syntax)
CONTENT: tuple[Content, ...] = get_args(Content)
FAMILIES: tuple[Family, ...] = (*SYNTAX, *CONTENT)
FRACTION = 0.5  # of the places that a family has in a document; the paper states no amount


@dataclass(frozen=True)
class Normalised:
    """A document as `ast.unparse` writes it, and the tree of that text."""

    text: str
    tree: ast.Module


@dataclass(frozen=True)
class Edit:
    """What stood at a place of the parent, counted in code points from its start, and what replaced it."""

    begin: int
    before: str
    after: str


@dataclass(frozen=True)
class Corrupted:
    """A corrupted copy of a normalised parent; the edits, in order and apart from one another, made it."""

    family: Family
    parent: str
    text: str
    edits: tuple[Edit, ...]


def normalised(source: str) -> Normalised | None:
    """Normalise a document by unparsing its syntax tree; None if it cannot be parsed or unparsed.

    Notes
    -----
    O(characters): about 0.3 MB/s.

    Examples
    --------
    >>> written = normalised("f( a,b )  # why")
    >>> written.text if written else None
    'f(a, b)'
    """
    tree = parsed(source)
    if tree is None:
        return None
    try:
        text = ast.unparse(tree)
    except (ValueError, RecursionError, MemoryError):
        return None
    again = parsed(text)
    return None if again is None else Normalised(text, again)


def corrupt(
    source: str | Normalised, family: Family, *, seed: int, key: str, fraction: float = FRACTION
) -> Corrupted | None:
    """Corrupt a document at some of a family's edit sites.

    Parameters
    ----------
    source : Python, or what `normalised` made of it
    seed, key : of the draws, with the family; `key` is what names the document, such as its doc_id
    fraction : of the places to edit, rounded, at least one; of places that lie in one another only one
        is edited, so it may be fewer

    Returns
    -------
    None where the source does not parse or the family has no place in it.

    Raises
    ------
    SettingError : fraction not above 0 and at most 1.

    Notes
    -----
    O(characters + places x log places). Yang et al. 2023 (arXiv:2312.02418) name the kinds; which families
    there are and how much each edits are ours.

    Examples
    --------
    >>> broken = corrupt("print(f(1, 2))", "swapped_arguments", seed=0, key="a")
    >>> (broken.text, broken.edits[0]) if broken else None
    ('print(f(2, 1))', Edit(begin=8, before='1', after='2'))
    """
    if not 0 < fraction <= 1:
        raise SettingError(f"fraction={fraction} of the places to corrupt; choose above 0, at most 1")
    document = normalised(source) if isinstance(source, str) else source
    if document is None:
        return None
    stream = generator(seed, "corruption", family, key)
    found = _places(document, family, places.Sampler(stream))
    if not found:
        return None
    wanted = max(1, round(len(found) * fraction))
    chosen = places.non_overlapping(found, [int(i) for i in stream.permutation(len(found))], wanted)
    edits = tuple(
        Edit(begin, document.text[begin:end], after)
        for begin, end, after in sorted(span for place in chosen for span in place)
    )
    return Corrupted(family, document.text, applied(document.text, edits), edits)


def applied(parent: str, edits: tuple[Edit, ...]) -> str:
    """Apply the edits of a corruption again.

    Raises
    ------
    SettingError : the text is not the one that they were made in.

    Examples
    --------
    >>> applied("f(a, b)", (Edit(2, "a", "b"), Edit(5, "b", "a")))
    'f(b, a)'
    """
    pieces: list[str] = []
    done = 0
    for edit in edits:
        end = edit.begin + len(edit.before)
        if edit.begin < done or parent[edit.begin : end] != edit.before:
            raise SettingError(
                f"an edit at {edit.begin} replaces {edit.before[:40]!r}; the text there is "
                f"{parent[edit.begin : end][:40]!r}; apply it to the normalised parent that it names"
            )
        pieces += [parent[done : edit.begin], edit.after]
        done = end
    return "".join([*pieces, parent[done:]])


def _places(document: Normalised, family: Family, draws: places.Sampler) -> list[EditSite]:
    """List a family's edit sites in a document, each with its replacement."""
    text = places.Text(document.text)
    match family:
        case "closing_brackets":
            return places.closing_brackets(text)
        case "odd_names":
            return places.names(text, document.tree, draws, invalid=False)
        case "invalid_names":
            return places.names(text, document.tree, draws, invalid=True)
        case "swapped_arguments":
            return places.arguments(text, document.tree, draws)
        case "negated_conditions":
            return places.conditions(text, document.tree)
        case "altered_comparisons":
            return places.comparisons(text, document.tree, draws)
        case "altered_numbers":
            return places.numbers(text, document.tree)
        case "deleted_blocks":
            return places.blocks(text, document.tree)
        case _:
            assert_never(family)
