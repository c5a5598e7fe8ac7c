"""Places: positions in code points whatever the letters are, and places that lie in one another."""

import ast

from guyot.audit.corruption import edit_sites as places
from guyot.audit.corruption.edit_sites import Sampler, Text
from guyot.seeds import generator


def test_a_column_in_bytes_is_one_in_code_points() -> None:
    source = "a = 1\né = 'ß😀' + ñ(b)\nfor ü in é:\n    pass"
    text = Text(source)
    names = {node.id: text.span(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert all(source[begin:end] == name for name, (begin, end) in names.items())
    assert set(names) == {*"abéñü"}
    call = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    assert text.of(call) == "ñ(b)"


def test_places_are_chosen_in_the_order_given_as_a_naive_loop_does() -> None:
    stream = generator(0, "places")
    for _ in range(200):
        found = []
        for _ in range(int(stream.integers(1, 12))):
            cuts = sorted(int(i) for i in stream.choice(40, 4, replace=False))
            found.append([(cuts[0], cuts[1], "x"), (cuts[2], cuts[3], "y")][: int(stream.integers(1, 3))])
        order, wanted = [int(i) for i in stream.permutation(len(found))], int(stream.integers(1, 12))
        naive: list[places.EditSite] = []
        for i in order:
            taken = [span for place in naive for span in place]
            free = all(end <= b or begin >= e for begin, end, _ in found[i] for b, e, _ in taken)
            if free and len(naive) < wanted:
                naive.append(found[i])
        assert places.non_overlapping(found, order, wanted) == naive


def test_strings_with_fields_are_never_entered() -> None:
    source = "x = f'{f(a, b)} {1 < 2}' + f'{y if z else 3}'"
    text, tree, draws = Text(source), ast.parse(source), Sampler(generator(0, "draws"))
    assert places.arguments(text, tree, draws) == []
    assert places.comparisons(text, tree, draws) == []
    assert places.conditions(text, tree) == []
    assert places.numbers(text, tree) == []
    assert places.closing_brackets(text) == []
    assert len(places.names(text, tree, draws, invalid=False)) == 1


def test_drawn_names_are_names_and_a_pair_is_of_two() -> None:
    draws = Sampler(generator(0, "draws"))
    names = {draws.odd_name() for _ in range(200)}
    assert len(names) > 190
    assert all(name.isidentifier() and len(name) == 7 for name in names)
    pairs = {draws.two_of(3) for _ in range(100)}
    assert pairs == {(0, 1), (0, 2), (1, 2)}
    assert {draws.one_of(("a", "b")) for _ in range(50)} == {"a", "b"}


def test_names_of_a_match_stay() -> None:
    source = "match q:\n    case {'a': a, **rest}:\n        b = a\n    case [first, *others] as all_:\n        a = all_"
    text, draws = Text(source), Sampler(generator(0, "draws"))
    found = places.names(text, ast.parse(source), draws, invalid=False)
    assert {source[place[0][0] : place[0][1]] for place in found} == {"b"}
