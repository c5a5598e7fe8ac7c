"""The tables of a set of scenes: what is known of each picture, and the pictures with their captions.

Each column is stated once, as (name, type, meaning); the lake's assets take them from here.
"""

import json
from collections.abc import Sequence

import pyarrow as pa

from guyot.images.decode import pixel_digest
from guyot.scenes.blocks import SceneDocument
from guyot.scenes.factors import LEVELS
from guyot.scenes.spec import canonical_json, scene_from_json
from resources.scenes import encodings

Columns = tuple[tuple[str, pa.DataType, str], ...]
_OF_FACTOR = {
    "shape": "the object", "material": "what it is made of", "environment": "what surrounds it and lights it",
    "floor": "what it stands on", "scale": "its size, as a factor",
    "light": "where the lamp is, as the camera sees it",
    "yaw": "its turn about the vertical, in degrees", "position": "where it stands, as the camera sees it",
    "camera_azimuth": "the camera's turn about the object, in degrees",
    "camera_elevation": "the camera's height above the object, in degrees",
}  # fmt: skip
_NUMBERS = ("scale", "yaw", "camera_azimuth", "camera_elevation")
SPEC_COLUMNS: Columns = (
    ("spec_hash", pa.string(), "the picture: a hash of all factors and the encoding"),
    ("block", pa.string(), "the block of scenes that it belongs to"),
    ("split", pa.string(), "train, validation, or ood: a combination of levels that is never trained"),
    ("variant", pa.string(), "of a known copy what differs from its original; else empty"),
    ("duplicate_group", pa.string(), "what copies of one scene have in common"),
    ("complexity", pa.int64(), "in the block complexity how many combinations its shape has there; else 0"),
    ("encoding", pa.string(), "how the rendering is encoded"),
    ("caption", pa.string(), "what the picture shows, in a sentence"),
    *(
        (factor, pa.float64() if factor in _NUMBERS else pa.string(), f"factor: {_OF_FACTOR[factor]}")
        for factor in LEVELS
    ),
    ("replicate", pa.int64(), "which rendering of the scene it is; others have other noise"),
    ("spec", pa.string(), "all factors and the encoding as canonical JSON"),
)
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
RENDERED_COLUMNS: Columns = (
    ("id", pa.string(), "the picture's spec_hash"),
    ("image", IMAGE, "the file's bytes and name"),
    ("text", pa.string(), "the caption"),
    ("pixel_digest", pa.string(), "a hash of width, height and 8-bit pixels"),
    ("renderer", pa.string(), "what rendered it"),
    *(column for column in SPEC_COLUMNS if column[0] not in ("spec_hash", "caption", "spec")),
)
_HUGGING_FACE = {"info": {"features": {"image": {"_type": "Image"}}}}


def schema(columns: Columns) -> pa.Schema:
    """Return the columns as Arrow has them."""
    return pa.schema([(name, kind) for name, kind, _ in columns])


def spec_table(documents: Sequence[SceneDocument]) -> pa.Table:
    """Return what is known of each picture, a row each."""
    rows = [
        {
            **{name: getattr(one.scene, name) for name in (*LEVELS, "replicate")},
            **{
                name: getattr(one, name)
                for name, *_ in SPEC_COLUMNS
                if name in ("spec_hash", "caption") or name in one.__dataclass_fields__
            },
            "spec": canonical_json(one.scene, one.encoding),
        }
        for one in documents
    ]
    return pa.Table.from_pylist(rows, schema=schema(SPEC_COLUMNS))


def documents_of(specs: pa.Table) -> list[SceneDocument]:
    """Read the pictures to be rendered back from what `spec_table` wrote."""
    fields = ("block", "split", "duplicate_group", "variant", "complexity")
    return [
        SceneDocument(scene, encoding=encoding, **{name: row[name] for name in fields})
        for row in specs.select(["spec", *fields]).to_pylist()
        for scene, encoding in [scene_from_json(row["spec"])]
    ]


def rendered_table(documents: Sequence[SceneDocument], files: Sequence[bytes], renderer: str) -> pa.Table:
    """Return the pictures, a row each, as `datasets` reads them too.

    Parameters
    ----------
    files : of each document
    renderer : name and version
    """
    rows = [
        {
            "id": one.spec_hash,
            "image": {"bytes": file, "path": f"{one.spec_hash}{_suffix(one.encoding)}"},
            "text": one.caption,
            "pixel_digest": pixel_digest(encodings.decode(file)),
            "renderer": renderer,
            **known,
        }
        for one, file, known in zip(documents, files, spec_table(documents).to_pylist(), strict=True)
    ]
    table = pa.Table.from_pylist(rows, schema=schema(RENDERED_COLUMNS))
    return table.replace_schema_metadata({"huggingface": json.dumps(_HUGGING_FACE)})


def _suffix(encoding: str) -> str:
    """Return the ending of a file's name."""
    return ".jpg" if encoding.startswith("jpeg") else ".png"
