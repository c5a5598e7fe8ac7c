"""A shard's files as batches: nothing is lost, nothing is counted twice."""

import gzip
import os

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import support.s3
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from assets.ingest.raw_shards import DOCUMENTS, QUARANTINE
from guyot.errors import UnreachableError
from guyot.identity import content_digest, doc_id
from guyot.split import record_splits
from resources.settings import Settings
from resources.sources.batches import READ_SETTINGS, SPLIT_SETTING
from resources.sources.batches import batches as batches_of
from resources.sources.file_types import kind_of
from resources.sources.local_listing import etag_of
from resources.sources.reasons import REASONS
from resources.sources.registry import Entry, live_entries
from resources.sources.scan import Sources
from resources.sources.unpacking import UNPACKING_SETTINGS
from resources.storage import s3, s3_reader

GOOD_LINES = st.fixed_dictionaries(
    {"text": st.text(min_size=1).filter(lambda t: t.strip() and "\0" not in t)}
).map(orjson.dumps)
BAD_LINES = st.sampled_from(
    [b'{"text": "cut', b"\xff\xfe", b"[]", b'{"text": ""}', b'{"a": 1}', b"\0", b"x" * 3000]
)
LINES = st.lists(st.tuples(st.booleans(), GOOD_LINES, BAD_LINES, st.booleans()), max_size=40)


def read_batches(entries, settings, **given):
    """Read files into the tables of raw_shards."""
    return batches_of(entries, settings, DOCUMENTS.schema, QUARANTINE.schema, **given)


def together(batches):
    documents = pa.Table.from_batches([b.documents for b in batches], schema=DOCUMENTS.schema)
    quarantine = pa.Table.from_batches([b.quarantine for b in batches], schema=QUARANTINE.schema)
    return documents.to_pylist(), quarantine.to_pylist()


def entry_of(path, split_unit="record"):
    digest = content_digest(path.read_bytes())
    return Entry(
        str(path), path.name, kind_of(path.name), path.name, split_unit, path.stat().st_size,
        etag_of(str(path)), digest, "", "",
    )  # fmt: skip


def scan_and_ingest(root, **given):
    asked = Settings.of(source=str(root), lake=f"{root}/lake", **given)
    registry = Sources(settings=asked).scan(None, "now").registry
    return together(list(read_batches(live_entries(registry, "shard-00000"), asked)))


@settings(max_examples=60, deadline=None)
@given(LINES, st.integers(1, 20_000), st.sampled_from(["", ".gz"]))
def test_records_are_documents_and_quarantined(tmp_path_factory, lines, batch_bytes, suffix):
    chosen = [good if use_good else bad for use_good, good, bad, _ in lines]
    blank = [b"\n \n" if gap else b"\n" for *_, gap in lines]
    content = b"".join(line + end for line, end in zip(chosen, blank, strict=True))
    path = tmp_path_factory.mktemp("s") / f"a.jsonl{suffix}"
    path.write_bytes(gzip.compress(content) if suffix else content)
    asked = Settings.of(reading__max_document_bytes=2000)
    batches = list(read_batches([entry_of(path)], asked, batch_bytes=batch_bytes))
    documents, quarantine = together(batches)
    n_good = sum(use_good for use_good, *_ in lines)
    assert len(documents) == n_good
    assert len(quarantine) == max(len(lines) - n_good, not lines)
    assert sum(batch.n_records for batch in batches) == len(documents) + len(quarantine)
    assert len({row["doc_id"] for row in documents}) == len(documents)
    if lines:
        # together they cover every record once
        keys = [row["record_key"] for row in documents + quarantine]
        assert sorted(map(int, keys)) == list(range(len(lines)))


def test_rows_by_hand(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "one", "id": 4, "x": 1}\n{"text": "two", "id": 4}\n')
    documents, quarantine = together(list(read_batches([entry_of(path, "train")], Settings())))
    digest = content_digest(b"one")
    assert documents == [
        {
            "doc_id": doc_id("a.jsonl", "4", digest),
            "source_path": "a.jsonl",
            "record_key": "4",
            "content": "one",
            "kind": "text",
            "meta": '{"x":1}',
            "content_digest": digest,
            "split": "train",
        }
    ]
    assert [(row["reason"], row["byte_begin"], row["byte_end"]) for row in quarantine] == [
        ("duplicate_id", 33, 57)
    ]


def test_splits_of_records_and_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(b'{"text": "t"}\n' * 300)
    (tmp_path / "c.py").write_text("x")
    asked = Settings.of(reading__held_out_fraction=0.3, seed=5)
    entries = [entry_of(tmp_path / f"{name}.jsonl") for name in "ab"]
    entries.append(entry_of(tmp_path / "c.py", "held_out"))
    documents, _ = together(list(read_batches(entries, asked, batch_bytes=11_111)))
    sides = [row["split"] for row in documents]
    keys = [str(i) for i in range(300)]
    assert sides[:300] == record_splits("a.jsonl", keys, fraction=0.3, seed=5)
    assert sides[300:600] == record_splits("b.jsonl", keys, fraction=0.3, seed=5)
    assert sides[600:] == ["held_out"]


def test_batches_are_bounded_and_their_size_changes_nothing(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 1000 + b'"}\n')
    path.write_bytes(path.read_bytes() * 500)
    small = list(read_batches([entry_of(path)], Settings(), batch_bytes=50_000))
    assert 9 < len(small) < 13
    assert max(batch.documents.nbytes for batch in small) < 100_000
    assert together(small) == together(list(read_batches([entry_of(path)], Settings())))


@pytest.mark.parametrize("text", ['"a"', "1"])
def test_long_keys_count_as_texts_do(tmp_path, text):
    (tmp_path / "a.jsonl").write_bytes(
        b"".join(b'{"text": %s, "id": "%s"}\n' % (text.encode(), b"%03d" % i * 3000) for i in range(100))
    )
    small = list(read_batches([entry_of(tmp_path / "a.jsonl")], Settings(), batch_bytes=100_000))
    assert 9 <= len(small) <= 11
    assert sum(batch.n_records for batch in small) == 100


def test_no_files_are_one_empty_batch():
    (batch,) = read_batches([], Settings())
    assert batch.n_records == 0
    assert (batch.documents.schema, batch.quarantine.schema) == (DOCUMENTS.schema, QUARANTINE.schema)


def test_only_the_named_settings_are_read(tmp_path):
    asked = set()

    class Recorder:
        def __init__(self, of, prefix=""):
            self.of, self.prefix = of, prefix

        def __getattr__(self, name):
            value = getattr(self.of, name)
            if isinstance(value, BaseModel):
                return Recorder(value, f"{name}.")
            asked.add(self.prefix + name)
            return value

    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a"}\n')
    list(read_batches([entry_of(tmp_path / "a.jsonl")], Recorder(Settings())))
    # all but the first are hashed where they are not the default
    assert asked == {*READ_SETTINGS, "reading.documents", SPLIT_SETTING, *UNPACKING_SETTINGS}


def bad_source(root):
    """Write every bad input a source may hold, beside good ones; return the reasons by path."""
    table = pa.table({"text": ["a", "b"], "id": [1, 1]})
    pq.write_table(table, root / "good.parquet")
    cut = (root / "good.parquet").read_bytes()[:-20]
    pq.write_table(pa.table({"body": ["a"]}), root / "body.parquet")
    words = (content_digest(b"%d" % i).encode() for i in range(9000))
    lines = b"".join(b'{"text": "%s"}\n' % word for word in words)
    packed = pa.compress(lines, codec="zstd", asbytes=True)
    contents = {
        "cut.parquet": (cut, "invalid_parquet"),
        "cut.jsonl": (b'{"text": "a"}\n{"text": "b', "invalid_json"),
        "cut.jsonl.gz": (gzip.compress(lines)[:-100], "truncated_archive"),
        "cut.jsonl.zst": (packed[:-100], "truncated_archive"),
        "utf8.jsonl": (b'{"text": "\xff"}\n{"text": "b"}\n', "invalid_utf8"),
        "utf8.txt": (b"\xff", "invalid_utf8"),
        "twice.jsonl": (b'{"text":"a","id":1}\n{"text":"b","id":1}\n', "duplicate_id"),
        "nul.txt": (b"a\0", "nul_byte"),
        "empty.txt": (b"", "empty_file"),
        "blank.txt": (b" \n", "empty_document"),
        "long.jsonl": (b'{"text":"' + b"x" * 50_000_000 + b'"}\n{"text":"b"}', "over_size_limit"),
        "column.jsonl": (b'{"body": "a"}\n{"text": "b"}\n', "missing_text"),
        "good.py": (b"x = 1\n", ""),
    }
    for name, (content, _) in contents.items():
        (root / name).write_bytes(content)
    (root / "loop").symlink_to(".")
    (root / "gone.py").symlink_to("nowhere")
    (root / "unreadable.py").symlink_to("good.py/inside")
    (root / "endless.py").symlink_to("/proc/kmsg")
    os.mkfifo(root / "fifo.txt")
    expected = {name: reason for name, (_, reason) in contents.items() if reason}
    return expected | {
        "good.parquet": "duplicate_id",
        "body.parquet": "missing_text_column",
        "loop": "symlink_loop",
        "gone.py": "dangling_link",
        "unreadable.py": "unreadable",
        "endless.py": "not_a_regular_file",
        "fifo.txt": "not_a_regular_file",
    }


def test_every_bad_input_is_quarantined_and_all_else_goes_on(tmp_path):
    expected = bad_source(tmp_path)
    documents, quarantine = scan_and_ingest(tmp_path, reading__shard_bytes=10**9)
    assert {row["source_path"]: row["reason"] for row in quarantine} == expected
    assert len(quarantine) == len(expected)
    assert set(expected.values()) <= set(REASONS)
    assert all(row["detail"] for row in quarantine)
    kept = {row["source_path"] for row in documents}
    whole = {"body.parquet", "cut.parquet"} | {n for n in expected if n.endswith((".txt", ".py"))}
    assert kept == {"good.py", *expected} - whole - {"loop"}


def upload(root, place):
    """Put the regular files of a folder under a place on S3."""
    for path in sorted(root.iterdir()):
        if path.is_file() and not path.is_symlink():
            support.s3.put(f"{place}/{path.name}", path.read_bytes())


def test_on_s3_the_same_files_give_the_same_rows(tmp_path, bucket):
    bad_source(tmp_path)
    upload(tmp_path, f"{bucket}/source")
    for local in ("loop", "gone.py", "unreadable.py", "endless.py", "fifo.txt"):  # what S3 has none of
        (tmp_path / local).unlink()
    there, here = (
        scan_and_ingest(root, reading__shard_bytes=10**9) for root in (f"{bucket}/source", tmp_path)
    )
    assert there == here
    assert len(here[1]) > 10


@pytest.mark.parametrize("status", ["403", "500"])
def test_a_network_that_fails_ends_the_reading_and_quarantines_nothing(
    tmp_path, bucket, s3_url, monkeypatch, status
):
    monkeypatch.setattr(s3, "_ATTEMPTS", 0)
    monkeypatch.setattr(s3_reader, "_AGAIN_SECONDS", 0)
    pq.write_table(pa.table({"text": ["a", "b"]}), tmp_path / "a.parquet")
    for name in ("b.jsonl", "c.jsonl.gz"):
        line = b'{"text": "c"}\n' * 9
        (tmp_path / name).write_bytes(gzip.compress(line) if name.endswith("gz") else line)
    (tmp_path / "d.py").write_text("x = 1")
    upload(tmp_path, f"{bucket}/source")
    asked = Settings(source=f"{bucket}/source", lake=f"{bucket}/lake")
    entries = live_entries(Sources(settings=asked).scan(None, "now").registry, "shard-00000")
    faults = support.s3.Faults(0, 0, status=status)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        documents, quarantine = together(read_batches(entries, asked))
        assert (len(documents), quarantine) == (21, [])
        n_requests = faults.given["none"]
        for faults.fails_from in range(n_requests):
            faults.given, batches = dict.fromkeys(faults.given, 0), []
            with pytest.raises(UnreachableError, match=f"{bucket}/source/.* could not be read"):
                batches.extend(read_batches(entries, asked, batch_bytes=1))
            assert all(batch.quarantine.num_rows == 0 for batch in batches)


def test_a_split_that_a_record_states_goes_before_the_rule_and_without_one_the_rule_decides(tmp_path):
    texts = [f"text {number}" for number in range(40)]
    stated = ["train", "Training", "test", "ood", "", None, 7, ["train"]] * 5
    pq.write_table(pa.table({"text": texts, "part": [str(s) if s == 7 else None if s == ["train"] else s for s in stated]}), tmp_path / "a.parquet")  # fmt: skip
    lines = [{"text": text, "part": part} for text, part in zip(texts, stated, strict=True)]
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    given = {"reading__held_out_fraction": 0.5, "seed": 1}
    plain, _ = scan_and_ingest(tmp_path, **given)
    found, _ = scan_and_ingest(tmp_path, reading__split_column="part", **given)
    by_rule = {row["doc_id"]: row["split"] for row in plain}
    sides = {"train": "train", "Training": "train", "test": "held_out", "ood": "held_out", "7": "held_out"}
    kept_by_rule = set()
    for row in found:
        part = orjson.loads(row["meta"])["part"]
        expected = sides.get(str(part)) or by_rule[row["doc_id"]]
        assert row["split"] == expected, part
        kept_by_rule |= set() if str(part) in sides else {row["split"]}
    assert kept_by_rule == {"train", "held_out"}
    assert [row["doc_id"] for row in found] == [row["doc_id"] for row in plain]
