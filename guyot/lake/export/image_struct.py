# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Images as `datasets` of Hugging Face stores them: a struct of the encoded bytes and a file's name."""

import json

import pyarrow as pa

from guyot.images.formats import image_suffix
from guyot.lake.export import IMAGE_COLUMN

_TYPE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
IMAGE_FIELD = pa.field(IMAGE_COLUMN, _TYPE)
IMAGE_METADATA = {"huggingface": json.dumps({"info": {"features": {IMAGE_COLUMN: {"_type": "Image"}}}})}


def with_image_struct(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Replace the encoded images of a batch by structs, named by their documents."""
    rows = zip(batch["doc_id"].to_pylist(), batch[IMAGE_COLUMN].to_pylist(), strict=True)
    names = [f"{doc_id}{image_suffix(image)}" for doc_id, image in rows]
    structs = pa.StructArray.from_arrays(
        [batch[IMAGE_COLUMN], pa.array(names, pa.string())], fields=list(_TYPE)
    )
    return batch.set_column(batch.schema.get_field_index(IMAGE_COLUMN), IMAGE_FIELD, structs)
