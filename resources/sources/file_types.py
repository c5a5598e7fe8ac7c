"""The kind of a source file, by its name: records of many documents, or one document of a kind."""

from guyot.errors import SettingError
from resources.setting_groups import EPISODE, IMAGE, TEXT, Documents

JSONL = "jsonl"
PARQUET = "parquet"
TAR = "tar"
METADATA = "metadata"  # what a folder's images are called and said to show; no documents of its own
METADATA_NAME = "metadata.jsonl"
RECORD_KINDS = (JSONL, PARQUET, TAR)

_RECORD_EXTENSIONS = {
    ".jsonl": JSONL,
    ".jsonl.gz": JSONL,
    ".jsonl.zst": JSONL,
    ".ndjson": JSONL,
    ".ndjson.gz": JSONL,
    ".ndjson.zst": JSONL,
    ".parquet": PARQUET,
}
_DOCUMENT_KINDS = {
    "assembly": ".asm .s",
    "c": ".c .h",
    "cpp": ".cc .cpp .cxx .hh .hpp .hxx",
    "csharp": ".cs",
    "css": ".css .scss .less",
    "cuda": ".cu .cuh",
    "cython": ".pyx .pxd",
    "dart": ".dart",
    "elixir": ".ex .exs",
    "erlang": ".erl",
    "fortran": ".f .f90",
    "go": ".go",
    "graphql": ".graphql",
    "haskell": ".hs",
    "html": ".html .htm",
    "ini": ".ini .cfg",
    "java": ".java",
    "javascript": ".js .mjs .cjs .jsx",
    "json": ".json",
    "julia": ".jl",
    "kotlin": ".kt .kts",
    "lua": ".lua",
    "markdown": ".md .markdown",
    "objective-c": ".m .mm",
    "ocaml": ".ml .mli",
    "perl": ".pl .pm",
    "php": ".php",
    "protobuf": ".proto",
    "python": ".py .pyi",
    "r": ".r",
    "rst": ".rst",
    "ruby": ".rb",
    "rust": ".rs",
    "scala": ".scala",
    "shell": ".sh .bash .zsh",
    "sql": ".sql",
    "swift": ".swift",
    "tex": ".tex",
    "text": ".txt .text",
    "toml": ".toml",
    "typescript": ".ts .tsx",
    "xml": ".xml",
    "yaml": ".yaml .yml",
    "zig": ".zig",
}
_DOCUMENT_EXTENSIONS = {e: kind for kind, all_ in _DOCUMENT_KINDS.items() for e in all_.split()}
_IMAGE_KINDS = {PARQUET: ".parquet", TAR: ".tar", IMAGE: ".png .jpg .jpeg .webp .gif .bmp .tif .tiff"}
IMAGE_EXTENSIONS = tuple(_IMAGE_KINDS[IMAGE].split())
_IMAGE_LAKE_EXTENSIONS = {e: kind for kind, all_ in _IMAGE_KINDS.items() for e in all_.split()}
_WALK_EXTENSION = ".walk"
KINDS = tuple(sorted({*_DOCUMENT_KINDS, JSONL, PARQUET}))  # of text
IMAGE_KINDS = tuple(sorted(_IMAGE_KINDS))
_OF: dict[Documents, tuple[str, ...]] = {TEXT: KINDS, IMAGE: IMAGE_KINDS, EPISODE: (EPISODE, JSONL, PARQUET)}


def kind_of(name: str, documents: Documents = TEXT) -> str:
    """Return the kind of a file by its name, or "" for one that is not read.

    Parameters
    ----------
    documents : what the lake's documents are

    Examples
    --------
    >>> kind_of("a.jsonl.gz"), kind_of("b.PY"), kind_of("c.png"), kind_of("Makefile")
    ('jsonl', 'python', '', '')
    >>> [kind_of(name, "image") for name in ("c.PNG", "metadata.jsonl", "other.jsonl", "a.py")]
    ['image', 'metadata', '', '']
    >>> [kind_of(name, "episode") for name in ("a.walk", "b.jsonl.zst", "a.py")]
    ['episode', 'jsonl', '']
    """
    if documents == IMAGE:
        return METADATA if name == METADATA_NAME else _IMAGE_LAKE_EXTENSIONS.get(extension_of(name), "")
    lower = name.lower()
    for extension, kind in _RECORD_EXTENSIONS.items():
        if lower.endswith(extension):
            return kind
    if documents == EPISODE:
        return EPISODE if extension_of(name) == _WALK_EXTENSION else ""
    return _DOCUMENT_EXTENSIONS.get(extension_of(name), "")


def extension_of(name: str) -> str:
    """Return the last extension in lower case, with its dot, or "".

    Examples
    --------
    >>> extension_of("a.tar.GZ"), extension_of("Makefile")
    ('.gz', '')
    """
    stem, dot, last = name.rpartition(".")
    return f".{last.lower()}" if dot and stem else ""


def asked_kinds(setting: str, documents: Documents = TEXT) -> frozenset[str]:
    """Read the setting `kinds`: files of these kinds are read; empty means all.

    A record file's kind is jsonl, parquet or tar: all of its records are read, whatever kind they
    name themselves. The metadata of images is always read.

    Raises
    ------
    SettingError : a kind that does not exist.

    Examples
    --------
    >>> sorted(asked_kinds("python, markdown")), sorted(asked_kinds("tar", "image"))
    (['markdown', 'python'], ['metadata', 'tar'])
    """
    known = _OF[documents]
    asked = frozenset(kind.strip() for kind in setting.split(",") if kind.strip())
    unknown = sorted(asked - frozenset(known))
    if unknown:
        raise SettingError(
            f"reading.kinds={setting!r} names {len(unknown)} unknown: {', '.join(unknown)}; "
            f"choose among {', '.join(known)}"
        )
    return (asked or frozenset(known)) | ({METADATA} if documents == IMAGE else frozenset())
