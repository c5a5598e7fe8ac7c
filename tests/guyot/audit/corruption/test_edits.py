"""Corruptions: each family by hand, what parses and what does not, lineage, and draws that stay."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guyot.audit.corruption.edits import (
    CONTENT,
    FAMILIES,
    SYNTAX,
    Corrupted,
    Edit,
    applied,
    corrupt,
    normalised,
)
from guyot.errors import SettingError

SOURCE = '''
import os  # a comment that goes
LIMIT = 10

def area(width, height=1, *rest, **more):
    """Multiply."""
    if width > LIMIT and not rest:
        print(width, height)
    total = [w * 2 for w in rest if w]
    return f"{width} {max(width, height)}", total

@staticmethod
def loop(names):
    global seen
    seen = 0
    while seen < len(names):
        seen += 1
    for name in names:
        with open(name, "rb") as file:
            @os.register
            def inner(): return file.read(1, 2)
    try:
        return names[0] is None, 3 in names, 1 < seen <= 4
    except IndexError as error:
        raise ValueError(error) from error
'''


def made(
    family: str, source: str = SOURCE, fraction: float = 1.0, seed: int = 0, key: str = "k"
) -> Corrupted:
    found = corrupt(source, family, seed=seed, key=key, fraction=fraction)
    assert found is not None
    return found


def changed(family: str, source: str) -> str:
    return made(family, source).text


def test_the_families_are_of_syntax_and_of_content() -> None:
    assert FAMILIES == SYNTAX + CONTENT
    assert len(set(FAMILIES)) == len(FAMILIES) == 8


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("fraction", [0.01, 0.5, 1.0])
def test_content_parses_and_broken_syntax_does_not(family: str, fraction: float) -> None:
    found = made(family, fraction=fraction)
    document = normalised(SOURCE)
    assert document is not None
    assert found.parent == document.text == ast.unparse(ast.parse(SOURCE))
    assert found.text != found.parent
    if family in ("closing_brackets", "invalid_names"):
        with pytest.raises(SyntaxError):
            ast.parse(found.text)
    else:
        ast.parse(found.text)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_edits_are_the_whole_difference(family: str) -> None:
    found = made(family, fraction=0.5)
    assert applied(found.parent, found.edits) == found.text
    assert all(found.parent[e.begin :].startswith(e.before) and e.before != e.after for e in found.edits)
    ends = [edit.begin + len(edit.before) for edit in found.edits]
    assert all(end <= edit.begin for end, edit in zip(ends, found.edits[1:], strict=False))


@pytest.mark.parametrize("family", FAMILIES)
def test_draws_are_of_the_seed_the_family_and_the_document_alone(family: str) -> None:
    source = "\n".join(
        f"def f{i}(one{i}, other{i}):\n    if one{i} < {i}:\n        return g(one{i}, other{i})"
        for i in range(30)
    )
    first = made(family, source, fraction=0.3)
    assert made(family, source, fraction=0.3) == first == made(family, normalised(source), fraction=0.3)
    assert made(family, source, fraction=0.3, seed=1) != first
    assert made(family, source, fraction=0.3, key="other") != first


@pytest.mark.parametrize(
    ("family", "source", "wanted"),
    [
        ("closing_brackets", "f([{1: (2,)}])", "f([{1: (2,"),
        ("closing_brackets", "f'{a(1)}' + '()' + g(')')", "f'{a(1)}' + '()' + g(')'"),
        ("swapped_arguments", "f(a, b)", "f(b, a)"),
        ("swapped_arguments", "f(x=1, *a, **b)\nf(é, 'ß', x=2)", "f(*a, x=1, **b)\nf('ß', é, x=2)"),
        ("negated_conditions", "if a:\n    pass", "if not a:\n    pass"),
        ("negated_conditions", "while not (yield):\n    pass", "while (yield):\n    pass"),
        ("negated_conditions", "[a for a in b if c or d if not e]", "[a for a in b if not (c or d) if e]"),
        ("negated_conditions", "if (a := b):\n    pass", "if (not (a := b)):\n    pass"),
        ("negated_conditions", "a if not (b if c else d) else e", "a if (b if c else d) else e"),
        ("altered_comparisons", "a is None", "a is not None"),
        ("altered_comparisons", "(a or b) not in (c and d)", "(a or b) in (c and d)"),
        ("altered_numbers", "a = [1, -2, 3.0, True, 0x10, '7', 99999999999999999999]",
         "a = [2, -3, 3.0, True, 17, '7', 99999999999999999999]"),
        ("deleted_blocks", "def f():\n    @g\n    class A:\n        pass\n    return 1", "def f():\n\n    pass"),
        ("deleted_blocks", "try:\n    a()\nexcept E:\n    b()", "try:\n    a()\nexcept E:\n    pass"),
        ("deleted_blocks", "if a:\n    b()\nelse:\n    c()", "if a:\n    pass\nelse:\n    c()"),
    ],
)  # fmt: skip
def test_each_family_by_hand(family: str, source: str, wanted: str) -> None:
    assert changed(family, source) == wanted


def test_a_chain_of_comparisons_has_a_place_per_sign() -> None:
    edits = made("altered_comparisons", "(a) < b <= c == d").edits
    assert [(edit.begin, edit.before) for edit in edits] == [(2, "<"), (6, "<="), (11, "==")]
    assert all(edit.after in ("<", "<=", ">", ">=", "==", "!=") for edit in edits)


def test_names_change_wherever_they_stand_and_nothing_else_does() -> None:
    source = "import os\ndef f(value: int, path=os):\n    s = 'value'\n    g(value=value, b=s)\n    return os.value"
    found = made("odd_names", source)
    new = {edit.before: edit.after for edit in found.edits}
    assert set(new) == {"value", "path", "s"}
    assert len(set(new.values())) == 3
    wanted = (
        f"import os\n\ndef f({new['value']}: int, {new['path']}=os):\n    {new['s']} = 'value'\n"
        f"    g(value={new['value']}, b={new['s']})\n    return os.value"
    )
    assert found.text == wanted
    assert all(name.isidentifier() for name in new.values())
    broken = made("invalid_names", source)
    assert not any(edit.after.isidentifier() for edit in broken.edits)
    assert [edit.begin for edit in broken.edits] == [edit.begin for edit in found.edits]


def test_names_whose_every_place_is_not_known_stay() -> None:
    source = "import a\ndef f():\n    global b\n    b = a = 1\ntry:\n    c = f\nexcept E as d:\n    d = f"
    assert {edit.before for edit in made("odd_names", source).edits} == {"c"}


@pytest.mark.parametrize(
    ("family", "source"),
    [
        ("closing_brackets", "a = 1"), ("odd_names", "print()"), ("swapped_arguments", "f(a)\nf(a, a)\nf(*a, *b)"),
        ("swapped_arguments", "f((yield a), b)"), ("negated_conditions", "a = b"), ("altered_comparisons", "a = b"),
        ("altered_numbers", "a = 'b'"), ("deleted_blocks", "class A:\n    b = 1"), ("deleted_blocks", "if a:\n    pass"),
        ("altered_comparisons", "f'{a < b}'"), ("odd_names", "def (:"), ("deleted_blocks", ""),
    ],
)  # fmt: skip
def test_a_family_without_a_place_gives_nothing(family: str, source: str) -> None:
    assert corrupt(source, family, seed=0, key="k") is None


def test_of_places_in_one_another_one_is_edited() -> None:
    nested = "f(f(f(a, b), c), d)"
    assert len(made("swapped_arguments", nested).edits) == 2
    blocks = "def f():\n    if a:\n        while b:\n            c()"
    assert len(made("deleted_blocks", blocks).edits) == 1


def test_the_fraction_is_of_the_places_and_at_least_one() -> None:
    source = "a = [" + ", ".join(map(str, range(100))) + "]"
    counts = [len(made("altered_numbers", source, fraction=f).edits) for f in (0.001, 0.25, 0.5, 1)]
    assert counts == [1, 25, 50, 100]
    for fraction in (0.0, 1.1, -1.0):
        with pytest.raises(SettingError, match="fraction"):
            made("altered_numbers", source, fraction=fraction)


def test_what_cannot_be_written_from_its_tree_is_none() -> None:
    assert normalised("def (:") is None
    assert normalised("1" + "+1" * 50_000) is None
    assert normalised("x = '\0'") is None


def test_edits_of_another_text_are_refused() -> None:
    with pytest.raises(SettingError, match="the text there is 'b'"):
        applied("ab", (Edit(1, "a", "c"),))
    with pytest.raises(SettingError, match="an edit at 0"):
        applied("aab", (Edit(0, "aa", "c"), Edit(0, "a", "c")))


expressions = st.recursive(
    st.sampled_from(["a", "bé", "1", "'x'", "'''y\nz'''", "-2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" < ", " is ", " in ", " or ", " + ", " == "]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"f({t[0]}, {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"[x for x in {t[0]} if {t[1]}]"),
        st.tuples(inner, inner).map(lambda t: f"(lambda q={t[0]}: not {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"{{{t[0]}: {t[1]}}}[{t[0]}]"),
        inner.map(lambda t: f"(w := {t})"),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(expressions, st.sampled_from(FAMILIES), st.integers(0, 3), st.sampled_from([0.1, 0.5, 1.0]))
def test_any_expression_keeps_the_rules(expression: str, family: str, seed: int, fraction: float) -> None:
    source = f"async def g(p, *v):\n    while {expression}:\n        await p({expression})\n"
    found = corrupt(source, family, seed=seed, key="k", fraction=fraction)
    if found is None:
        return
    assert applied(found.parent, found.edits) == found.text != found.parent
    if family in CONTENT or family == "odd_names":
        ast.parse(found.text)
    else:
        with pytest.raises(SyntaxError):
            ast.parse(found.text)
