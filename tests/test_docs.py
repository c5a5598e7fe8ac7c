"""Whatever is named is documented, and the documents are true: read from the live objects."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest
from support.lake import build_asset, copy_of, graph_lake

from resources.setting_names import variable
from resources.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
README = (ROOT / "README.md").read_text()
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


SHAPE = re.compile(r"\b(float|u?int|bool|S)\d*\[")  # such as float32[n, d]


def doc(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text()


def section(page: str, title: str) -> str:
    """Return what stands under a heading of the third level."""
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)


def graph_edges() -> set[tuple[str, str]]:
    from definitions import defs

    specs = defs.resolve_all_asset_specs()
    return {(d.asset_key.to_user_string(), s.key.to_user_string()) for s in specs for d in s.deps}


def reached(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return every pair of which the second can be reached from the first."""
    found = set(edges)
    while new := {(a, d) for a, b in found for c, d in edges if b == c} - found:
        found |= new
    return found


def test_the_generated_passages_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_every_setting_is_documented_without_a_path_of_this_machine() -> None:

    page = doc("settings")
    assert all(f"| `{name}` | `{variable(name)}` |" in page for name in Settings.names())
    assert str(ROOT) not in page


def test_every_verb_and_option_is_documented() -> None:
    from guyot.cli import main

    page = doc("settings")
    verbs = {verb: command for verb, command in main.commands.items() if not isinstance(command, click.Group)}
    for verb, group in main.commands.items():
        if isinstance(group, click.Group):
            verbs |= {f"{verb} {name}": command for name, command in group.commands.items()}
    for verb, command in verbs.items():
        begin = re.search(rf"\*\*`guyot {verb}[ `]", page)
        assert begin is not None, verb
        told = page[begin.start() :].split("**`guyot ")[1]
        for option in command.params:
            assert option.opts[-1].removeprefix("--") in told.lower() or isinstance(option, click.Argument)
        assert f"guyot {verb}" in README


def test_every_make_target_is_documented() -> None:
    assert all(f"`make {name}`" in README for name in TARGETS)


def test_every_asset_and_its_columns_are_documented() -> None:
    from definitions import defs

    for spec in defs.resolve_all_asset_specs():
        told = section(doc("graph"), spec.key.to_user_string())
        assert spec.description in told
        schema = spec.metadata.get("dagster/column_schema")
        assert all(f"| `{c.name}` | {c.type} |" in told for c in (schema.columns if schema else ()))


@pytest.mark.parametrize("page", ["README.md", "docs/graph.md"])
def test_the_picture_is_the_graph(page: str) -> None:
    (picture,) = blocks((ROOT / page).read_text(), "mermaid")
    drawn = set(re.findall(r"^  (\w+) --> (\w+)$", picture, re.MULTILINE))
    assert drawn <= graph_edges()
    assert reached(drawn) == reached(graph_edges())


def test_every_recipe_and_method_is_documented() -> None:
    from recipes import RECIPES

    table = README[README.index("## Methods") :]
    files = [p for p in (ROOT / "guyot" / "prune").glob("*.py") if p.stem != "__init__"]
    for recipe in RECIPES:
        assert f"| `{recipe.name}` |" in doc("methods")
        assert recipe.name in table
    for file in files:
        assert f"`guyot/prune/{file.name}`" in doc("methods")
        assert f"`guyot/prune/{file.name}`" in table


def test_the_tree_is_the_tree() -> None:
    (tree,) = blocks(README[README.index("## The tree") :], "")
    named = set()
    for line in tree.splitlines():
        first, *rest = re.split(r" {2,}", line) if "  " in line else line.split(" ", 1)
        named |= {first.rstrip("/"), *(word for word in rest if (ROOT / word).exists())}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert named == {path.split("/")[0] for path in listed.stdout.splitlines()}


def test_the_commands_of_the_documents_exist() -> None:
    from guyot.cli import main

    for page in (page for page in PAGES if page.name != "operate.md"):  # which is run
        for line in "\n".join(blocks(page.read_text(), "sh")).replace("\\\n", " ").splitlines():
            words = line.split("#")[0].split()
            if words and words[0] == "make":
                assert words[1] in TARGETS, line
            elif words and words[0] == "ray":
                assert words[1] in ("start", "stop"), line
            elif words and words[0] == "export":
                assert words[1].partition("=")[0].startswith(("GUYOT_", "RAY_")), line
            elif words and words[:2] != ["pip", "install"]:
                assert words[0].removeprefix(".venv/bin/") == "guyot", line
                command = main.commands[words[1]]
                command = command.commands[words[2]] if isinstance(command, click.Group) else command
                known = {name for option in command.params for name in option.opts}
                assert {word for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file) if file else page
        assert found.exists(), target
        headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE) if anchor else []
        slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert not anchor or anchor in slugs, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:guyot|assets|resources|jobs|tests|docs|examples)/[\w/.]+)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def public(kind: type[ast.AST]) -> list[ast.AST]:
    """List the library's public functions or classes."""
    trees = (ast.parse(path.read_text()) for path in sorted((ROOT / "guyot").rglob("*.py")))
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, kind)]
    return [node for node in found if not node.name.startswith("_") and not is_overload(node)]


def is_overload(node: ast.AST) -> bool:
    """Say whether a function is a signature alone; the docstring stands with the one that works."""
    return any(ast.unparse(decorator) == "overload" for decorator in getattr(node, "decorator_list", ()))


def fields_of(told: str) -> dict[str, str]:
    """Read `name, other : text` lines of a docstring."""
    lines = (line.partition(" : ") for line in told.splitlines() if " : " in line)
    return {name.strip(): text for names, _, text in lines for name in names.split(",")}


@pytest.mark.parametrize("function", public(ast.FunctionDef), ids=lambda node: node.name)
def test_functions_of_arrays_say_dtype_and_shape(function: ast.FunctionDef) -> None:
    told = ast.get_docstring(function) or ""
    parameters = fields_of(told.partition("Parameters\n---")[2].partition("\n\n")[0])
    for argument in (*function.args.args, *function.args.kwonlyargs):
        if "NDArray" in ast.unparse(argument.annotation or ast.Constant("")):
            assert SHAPE.search(parameters[argument.arg]) or "bytes" in parameters[argument.arg], argument.arg
    if function.returns and "NDArray" in ast.unparse(function.returns):
        summary, _, rest = told.partition("\n")
        assert SHAPE.search(summary) or SHAPE.search(rest.partition("Returns\n---")[2])


@pytest.mark.parametrize("kind", public(ast.ClassDef), ids=lambda node: node.name)
def test_classes_of_arrays_describe_each(kind: ast.ClassDef) -> None:
    arrays = [
        f.target.id
        for f in kind.body
        if isinstance(f, ast.AnnAssign) and "NDArray" in ast.unparse(f.annotation)
    ]
    assert set(arrays) <= set(fields_of(ast.get_docstring(kind) or ""))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of two recipes that drop some documents alike."""
    lake = copy_of(graph_lake(tmp_path_factory), tmp_path_factory.mktemp("asked") / "lake")
    for recipe in set(lake.store.partitions("pruned_mixtures")) - {"semdedup", "d4"}:
        Path(lake.store.path("pruned_mixtures", recipe, "current")).unlink()
    build_asset(lake, "catalogue")
    return Path(lake.store.root)


def test_every_table_and_column_of_the_catalogue_is_documented_with_its_type(lake: Path) -> None:
    with duckdb.connect(str(lake / "catalogue.duckdb"), read_only=True) as catalogue:
        found = catalogue.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert found
    for table, column, kind in found:
        assert f"| `{column}` | {kind} |" in section(doc("catalogue"), table), (table, column, kind)


def test_the_lines_of_python_run(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(lake.parent)
    names = {"texts": [f"text {i % 30} of a corpus, in a few words" for i in range(40)]}
    of_texts, of_lake = blocks(README, "python")
    run_lines(of_texts, names)
    assert "Mixture d4: kept 20 of 40 documents document 17 is " in capsys.readouterr().out
    run_lines(of_lake, names)
    assert "{'d4': '" in capsys.readouterr().out


def run_lines(source: str, names: dict) -> None:
    """Run lines of a document as a script."""
    code = compile(source, "README.md", "exec")
    exec(code, names)  # the lines are the repository's own


def test_the_twenty_questions_have_answers(lake: Path) -> None:
    questions = blocks(doc("catalogue"), "sql")
    assert len(questions) == 20
    with duckdb.connect(str(lake / "catalogue.duckdb"), read_only=True) as catalogue:
        for question in questions:
            assert catalogue.sql(question).fetchall(), question
