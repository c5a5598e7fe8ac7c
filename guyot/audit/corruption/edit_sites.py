"""The places of a normalised Python text where a corruption can be made, and the replacements.

A place is a list of spans, (begin, end, replacement) in code points, that change together. Strings with
fields are never entered: before Python 3.12 the tree does not know where in them things are.
"""

import ast
import bisect
import io
import keyword
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Span = tuple[int, int, str]
EditSite = list[Span]
_CLOSING = frozenset(")]}")
_ORDERS = ("<", "<=", ">", ">=", "==", "!=")
_OTHERS: dict[str, tuple[str, ...]] = {
    **{sign: tuple(other for other in _ORDERS if other != sign) for sign in _ORDERS},
    "is": ("is not",), "is not": ("is",), "in": ("not in",), "not in": ("in",),
}  # fmt: skip
_LETTERS = "bcdfghjklmnpqrstvwxz"  # no vowels: such a name has no meaning
_ODD_LETTERS = 6
_MAX_DIGITS = 18
_UNMOVABLE = (ast.Starred, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.FunctionDef,
           ast.AsyncFunctionDef, ast.ExceptHandler)  # fmt: skip
# Python 3.12 splits a string with fields into tokens; earlier it is one
_FIELDS_BEGIN, _FIELDS_END = (getattr(tokenize, f"FSTRING_{side}", None) for side in ("START", "END"))


class Text:
    """A text, and where in it a line and column are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        starts = np.cumsum([0, *(len(line) + 1 for line in self.lines)])
        self.starts: list[int] = starts.tolist()

    def at(self, line: int, byte: int) -> int:
        """Find what the tree calls line (from 1) and byte of its UTF-8."""
        found = self.lines[line - 1]
        column = byte if found.isascii() else len(found.encode()[:byte].decode())
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        """Find where a node begins and ends."""
        end_line, end_byte = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.at(node.lineno, node.col_offset), self.at(end_line, end_byte)

    def of(self, node: ast.expr) -> str:
        """Return what is written for a node."""
        begin, end = self.span(node)
        return self.text[begin:end]


@dataclass(frozen=True)
class Sampler:
    """What the places draw from."""

    stream: np.random.Generator

    def one_of(self, choices: tuple[str, ...]) -> str:
        """Draw one of several."""
        return choices[int(self.stream.integers(len(choices)))]

    def two_of(self, n: int) -> tuple[int, int]:
        """Draw two different numbers below n, the lower one first."""
        first, second = sorted(int(i) for i in self.stream.choice(n, 2, replace=False))
        return first, second

    def odd_name(self) -> str:
        """Draw a meaningless name."""
        drawn = self.stream.integers(len(_LETTERS), size=_ODD_LETTERS)
        return "".join(_LETTERS[i] for i in drawn) + str(int(self.stream.integers(10)))


def non_overlapping(found: list[EditSite], order: list[int], wanted: int) -> list[EditSite]:
    """Choose places in an order, passing over those that lie in or around one that is chosen."""
    chosen: list[EditSite] = []
    begins: list[int] = []
    ends: list[int] = []
    for i in order:
        if len(chosen) == wanted:
            break
        ats = [bisect.bisect_left(begins, end) for _, end, _ in found[i]]
        if all(at == 0 or ends[at - 1] <= begin for at, (begin, _, _) in zip(ats, found[i], strict=True)):
            chosen.append(found[i])
            for begin, end, _ in found[i]:
                at = bisect.bisect_left(begins, begin)
                begins.insert(at, begin)
                ends.insert(at, end)
    return chosen


def closing_brackets(text: Text) -> list[EditSite]:
    """Delete a closing bracket."""
    found: list[EditSite] = []
    inside = 0
    for token in tokenize.generate_tokens(io.StringIO(text.text).readline):
        inside += (token.type == _FIELDS_BEGIN) - (token.type == _FIELDS_END)
        if token.type == tokenize.OP and token.string in _CLOSING and not inside:
            begin = text.starts[token.start[0] - 1] + token.start[1]
            found.append([(begin, begin + 1, "")])
    return found


def names(text: Text, tree: ast.Module, draws: Sampler, *, invalid: bool) -> list[EditSite]:
    """Rename a variable wherever it is read or bound, but not in strings and not at its callers.

    An invalid name has a sign that is none of Python's, so it is no name and no two tokens either.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    bound: set[str] = set()
    foreign: set[str] = set()
    for node in _walk(tree):
        if isinstance(node, ast.Name):
            spans.setdefault(node.id, []).append(text.span(node))
            if isinstance(node.ctx, ast.Store):
                bound.add(node.id)
        elif isinstance(node, ast.arg):
            begin, _ = text.span(node)  # the span of an argument ends behind its annotation
            spans.setdefault(node.arg, []).append((begin, begin + len(node.arg)))
            bound.add(node.arg)
        else:
            foreign |= _names_without_place(node)
    found: list[EditSite] = []
    for name in sorted(bound - foreign, key=lambda name: spans[name][0]):
        new = draws.odd_name()
        new = f"{new[:3]}?{new[3:]}" if invalid else new
        if new not in spans and not keyword.iskeyword(new):
            found.append([(begin, end, new) for begin, end in spans[name]])
    return found


def arguments(text: Text, tree: ast.Module, draws: Sampler) -> list[EditSite]:
    """Swap two positional arguments of a call."""
    found: list[EditSite] = []
    for node in _walk(tree):
        if isinstance(node, ast.Call):
            movable = [argument for argument in node.args if not isinstance(argument, _UNMOVABLE)]
            if len(movable) > 1:
                one, other = (movable[i] for i in draws.two_of(len(movable)))
                if text.of(one) != text.of(other):
                    found.append([(*text.span(one), text.of(other)), (*text.span(other), text.of(one))])
    return found


def conditions(text: Text, tree: ast.Module) -> list[EditSite]:
    """Negate the condition of an if, a while, a conditional expression or a comprehension."""
    found: list[EditSite] = []
    for node in _walk(tree):
        tests: list[ast.expr] = []
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            tests = [node.test]
        elif isinstance(node, ast.comprehension):
            tests = node.ifs
        found += [[(*text.span(test), _negated(test))] for test in tests]
    return found


def _negated(test: ast.expr) -> str:
    """Write the opposite of a condition as people do, with no bracket that is not needed."""
    if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
        return ast.unparse(ast.UnaryOp(ast.Not(), test))
    written = ast.unparse(test.operand)
    return f"({written})" if isinstance(test.operand, ast.IfExp | ast.Lambda) else written


def comparisons(text: Text, tree: ast.Module, draws: Sampler) -> list[EditSite]:
    """Put another sign between what is compared: of order or equality, or the opposite of is or in."""
    found: list[EditSite] = []
    for node in _walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, right in zip(sides, sides[1:], strict=False):
                # between two expressions of a normalised text there is nothing but brackets and the sign
                begin, between = text.span(left)[1], text.text[text.span(left)[1] : text.span(right)[0]]
                sign = between.strip("() ")
                if sign in _OTHERS:
                    at = begin + between.index(sign)
                    found.append([(at, at + len(sign), draws.one_of(_OTHERS[sign]))])
    return found


def numbers(text: Text, tree: ast.Module) -> list[EditSite]:
    """Increase an integer by one."""
    found: list[EditSite] = []
    for node in _walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            begin, end = text.span(node)
            if end - begin <= _MAX_DIGITS:
                found.append([(begin, end, str(node.value + 1))])
    return found


def blocks(text: Text, tree: ast.Module) -> list[EditSite]:
    """Put pass in place of the body of a function, a loop, a branch, a with or an except."""
    found: list[EditSite] = []
    for node in _walk(tree):
        if isinstance(node, _BLOCKS) and not isinstance(node.body[0], ast.Pass):
            first = node.body[0]
            decorators: list[ast.expr] = getattr(first, "decorator_list", [])
            line = min([first.lineno, *(decorator.lineno for decorator in decorators)])
            begin = text.starts[line - 1] + len(text.lines[line - 1]) - len(text.lines[line - 1].lstrip(" "))
            found.append([(begin, text.span(node.body[-1])[1], "pass")])
    return found


def _names_without_place(node: ast.AST) -> set[str]:
    """Name what a node binds where the tree does not say: such a variable cannot be renamed whole."""
    match node:
        case ast.Global(names=found) | ast.Nonlocal(names=found):
            return set(found)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
        case ast.FunctionDef(name=str(name)) | ast.AsyncFunctionDef(name=str(name)):
            return {name}
        case ast.ClassDef(name=str(name)) | ast.ExceptHandler(name=str(name)):
            return {name}
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return set()


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, outer ones first, but not what is inside strings with fields."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        yield at
        if type(at).__name__ not in ("JoinedStr", "TemplateStr"):
            waiting += reversed(list(ast.iter_child_nodes(at)))
