"""Why a record is in quarantine: each reason, and its meaning."""

from guyot.navigation.walk_lines import REASONS as WALK_REASONS

_OF_ALL = {
    "damaged_archive": "a compressed stream with wrong bytes; what came before them is kept",
    "dangling_link": "a symbolic link to nothing",
    "duplicate_id": "a record with the key of an earlier document of the same file",
    "empty_document": "nothing but whitespace",
    "empty_file": "a file without a byte, or without a record",
    "image_not_bytes": "an image column that holds something else",
    "image_not_decodable": "bytes of a known image format that its decoder refuses",
    "image_too_large": "an image of more than reading.max_image_pixels, by its header",
    "image_too_small": "an image with a side under reading.min_image_side",
    "image_truncated": "an image that ends early",
    "invalid_json": "a line that is not JSON, such as one cut in half",
    "invalid_parquet": "a Parquet file that cannot be decoded; rows before the fault are kept",
    "invalid_utf8": "bytes that are not UTF-8",
    "missing_image": "a record without an image, or a row of metadata.jsonl that names no image file",
    "missing_image_column": "a Parquet file without an image column",
    "missing_text": "a record without the text column, or with null in it",
    "missing_text_column": "a Parquet file without the text column",
    "name_not_utf8": "a file whose name is not UTF-8",
    "not_a_regular_file": "a FIFO, socket or device, or what lies in a file system such as /proc",
    "not_an_object": "a line of JSON that is no object",
    "nul_byte": "a NUL byte, raw or escaped",
    "over_expansion_limit": "a compressed file, or rows of Parquet, of more than reading.max_expansion times "
    "their packed size; what came before is kept",
    "over_size_limit": "longer than reading.max_document_bytes",
    "page_too_large": "rows of Parquet in a page of more than reading.max_page_bytes",
    "symlink_loop": "a symbolic link that leads back to where it lies",
    "text_not_a_string": "a text column that holds something else",
    "too_many_names": "a directory that links give more than 64 names; it is listed under 64",
    "truncated_archive": "a compressed stream that ends early; what came before is kept",
    "unreadable": "a file or directory the system would not open or read, or an object in an archive",
    "unreadable_key": "an S3 key with an empty part, or one of dots, which is the name of no file",
    "unsafe_member": "a member of a tar that is a link or a device, or whose name leads out of it",
    "unsupported_image_format": "bytes that are no PNG, JPEG, WebP, GIF, BMP or TIFF",
    "withdrawn": "a document that someone withdrew, by its text or with its whole file",
}
REASONS = dict(sorted({**_OF_ALL, **WALK_REASONS}.items()))
