"""The listing of a prefix on S3: what is passed over, what is told, and that a part is never the whole."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import support.s3

from guyot.errors import SettingError, UnreachableError
from resources.settings import Settings
from resources.sources.reasons import REASONS
from resources.sources.s3_listing import walk
from resources.sources.scan import Sources
from resources.storage import s3

ODD = [
    "a b.py", " a .py", "é/日本/😀.py", "e\u0301.py", "100%20.py", "a+b&c=d;e,f:g@h.py", "it's \"q\".py", "back\\slash.py",
    "a?b#c.py", "[x]{y}(z)*!~^`|<>$.py", "tab\there.py", "x" * 1000 + ".py", "d/.../e.py", "d/..f.py/g.py",
]  # fmt: skip
MANY = 1010  # a page holds 1000


def listed(root, **options):
    return {seen.path: seen for seen in walk(root, **options)}


def put(root, *names):
    for name in names:
        support.s3.put(f"{root}/{name}", name.encode())


@pytest.fixture(scope="module")
def many(s3_url):
    with support.s3.environment(s3_url):
        root = f"s3://{support.s3.new_bucket()}/many"
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda number: put(root, f"{number:05d}.py"), range(MANY)))
    return root


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(s3, "_ATTEMPTS", 2)


def test_objects_are_listed_as_files_of_a_directory(bucket):
    root = f"{bucket}/a source"
    put(root, "a.py", "b/c.md", "b/d/e.jsonl")
    put(bucket, "a source too/x.py", "a source", "z.py")
    found = listed(root)
    assert list(found) == ["a.py", "b/c.md", "b/d/e.jsonl"]
    one = found["b/c.md"]
    assert (one.location, one.bytes, one.problem) == (f"{root}/b/c.md", 6, "")
    assert one.etag == one.digest == hashlib.md5(b"b/c.md").hexdigest()
    assert sorted(listed(bucket)) == [
        "a source",
        "a source too/x.py",
        *(f"a source/{n}" for n in found),
        "z.py",
    ]


def test_names_of_every_sort(bucket):
    put(f"{bucket}/{ODD[0]}", *ODD)
    found = listed(f"{bucket}/{ODD[0]}")
    skipped = ["d/.../e.py", "d/..f.py/g.py"]  # hidden, as in a directory
    assert sorted(found) == sorted(name for name in ODD if name not in skipped)
    assert not any(seen.problem for seen in found.values())


def test_what_a_directory_hides_is_passed_over(bucket):
    put(bucket, "a.py", ".git/b.py", "c/.d.py", "__pycache__/e.py", "f/__pycache__/g.py", "folder/", "h/i/")
    assert list(listed(bucket)) == ["a.py"]


def test_the_lake_is_left_out(bucket):
    put(f"{bucket}/s", "a.py", "lake/b.parquet", "lake/c/d.parquet", "lakes/e.py")
    assert list(listed(f"{bucket}/s", leave_out=f"{bucket}/s/lake")) == ["a.py", "lakes/e.py"]
    assert len(listed(f"{bucket}/s", leave_out=f"{bucket}/other")) == 4


def test_keys_that_are_no_names_are_told(bucket):
    bad = ["a//b.py", "/c.py", "./d.py", "e/../f.py", "e/./f.py", "..", "e/."]
    put(f"{bucket}/s", "good.py", *bad)
    found = listed(f"{bucket}/s")
    assert {path: seen.problem for path, seen in found.items()} == {
        "good.py": "", **dict.fromkeys(bad, "unreadable_key")
    }  # fmt: skip
    assert all(seen.detail and not seen.digest for path, seen in found.items() if path != "good.py")
    assert "unreadable_key" in REASONS


def test_what_lies_in_an_archive_is_told(bucket):
    for storage in ("STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"):
        support.s3.put(f"{bucket}/{storage}.py", b"x", StorageClass=storage)
    problems = {path: seen.problem for path, seen in listed(bucket).items()}
    assert problems == {
        "STANDARD_IA.py": "", "GLACIER_IR.py": "", "GLACIER.py": "unreadable", "DEEP_ARCHIVE.py": "unreadable"
    }  # fmt: skip


def test_more_than_a_page(many, s3_url):
    with support.s3.environment(s3_url):
        assert list(listed(many)) == [f"{number:05d}.py" for number in range(MANY)]


def test_nothing_under_a_prefix_is_a_mistake_unless_there_was_something(bucket):
    with pytest.raises(FileNotFoundError, match=f"0 objects under {bucket}/nothing/"):
        listed(f"{bucket}/nothing")
    assert listed(f"{bucket}/nothing", had_files=True) == {}
    put(bucket, "folder/", "hidden/.a.py")
    assert listed(f"{bucket}/folder") == listed(f"{bucket}/hidden") == {}


def test_an_empty_bucket_is_an_empty_source(bucket):
    assert listed(bucket) == {}


def test_what_s3_refuses(bucket, s3_url, impatient):
    with pytest.raises(FileNotFoundError, match="NoSuchBucket"):
        listed("s3://no-such-bucket-anywhere/prefix")
    with pytest.raises(PermissionError, match="Invalid bucket name"):
        listed("s3://no bucket/prefix")
    refusing = support.s3.Faults(0, 0, fails_from=0, status="403")
    with support.s3.failing_proxy(s3_url, refusing) as url, support.s3.environment(url):
        with pytest.raises(PermissionError, match="AccessDenied"):
            listed(bucket)
        assert refusing.given["403"] == 1, "what is refused is not asked for again"


def test_a_listing_survives_a_server_that_often_fails(many, s3_url):
    faults = support.s3.Faults(seed=2, share=0.6)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        for _ in range(5):
            assert len(listed(many)) == MANY
    assert min(faults.given.values()) > 0


def test_a_listing_that_breaks_off_at_its_second_page_is_none(many, s3_url, impatient):
    sources = Sources(settings=Settings(source=many, lake="s3://lake"))
    with support.s3.environment(s3_url):
        registry = sources.scan(None, "now").registry
    faults = support.s3.Faults(0, 0, fails_from=1)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        for broken in (lambda: sources.scan(registry, "later"), lambda: sources.difference(registry)):
            faults.given = dict.fromkeys(faults.given, 0)
            with pytest.raises(UnreachableError, match=f"{many} could not be listed.*1000 objects were seen"):
                broken()


def test_a_server_that_is_down_is_told(impatient):
    sources = Sources(settings=Settings(source="s3://bucket/prefix", lake="s3://lake"))
    with support.s3.environment(f"http://127.0.0.1:{support.s3.free_port()}"):
        with pytest.raises(
            UnreachableError, match="s3://bucket/prefix could not be listed.*0 objects were seen"
        ):
            sources.scan(None, "now")


def test_without_credentials_it_says_so(s3_url, monkeypatch, impatient):
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SettingError, match="credentials"):
        Sources(settings=Settings(source="s3://bucket/prefix")).scan(None, "now")


def test_a_local_source_needs_no_client_of_amazon():
    code = "import resources.sources.scan, sys; print([n for n in ('boto3', 'botocore', 'dagster_aws') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
