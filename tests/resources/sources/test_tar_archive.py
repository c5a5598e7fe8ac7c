"""WebDataset: groups of members as records, and hostile archives that lose nothing else."""

import io
import tarfile

import orjson
import pytest
import support.s3
from support.images import encoded, picture

from resources.settings import Settings
from resources.sources import tar_archive
from resources.sources.reasons import REASONS
from resources.sources.records import Document
from resources.sources.tar_archive import read_tar

PNGS = [encoded(picture(n, 16, 12)) for n in range(4)]


def member(name, content=b"", kind=tarfile.REGTYPE, **values):
    info = tarfile.TarInfo(name)
    info.size, info.type = len(content), kind
    for key, value in values.items():
        setattr(info, key, value)
    return info, content


def archive(*members, form=tarfile.PAX_FORMAT):
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return sink.getvalue()


def read(tmp_path, content, **settings):
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    return list(read_tar(str(path), "a.tar", Settings.of(reading__documents="image", **settings)))


def outcome(found):
    return [
        (one.record_key, one.content if isinstance(one, Document) else f"! {one.reason}") for one in found
    ]


GOOD = archive(
    member("./", kind=tarfile.DIRTYPE),
    member("x/000.png", PNGS[0]), member("x/000.txt", b"a wave"), member("x/000.json", b'{"n": 1, "text": "not"}'),
    member("x/001.json", b'{"caption": "from json", "id": 9}'), member("x/001.JPG", PNGS[1]),
    member("x/002.seg.png", PNGS[2]),
    member("y.d/002.png", PNGS[3]), member("y.d/002.cls", b"7"),
)  # fmt: skip


def test_members_up_to_the_first_dot_are_a_record(tmp_path):
    found = read(tmp_path, GOOD)
    assert outcome(found) == [
        ("x/000", "a wave"), ("x/001", "from json"), ("x/002", "! missing_image"), ("y.d/002", ""),
    ]  # fmt: skip
    assert [one.image for one in found if isinstance(one, Document)] == [PNGS[0], PNGS[1], PNGS[3]]
    assert orjson.loads(found[0].meta) == {"n": 1, "text": "not"}
    assert orjson.loads(found[1].meta) == {"id": 9}
    assert "x/002.seg.png; none is an image that is read" in found[2].detail
    assert 512 <= found[2].byte_begin < found[2].byte_end
    named = read(tmp_path, GOOD, reading__image_column=".seg.png")
    assert [key for key, said in outcome(named) if "!" not in said] == ["x/002"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_all_forms_of_tar_and_long_names(tmp_path, form):
    name = f"{'d' * 60}/{'e' * 60}" if form == tarfile.USTAR_FORMAT else f"{'d' * 90}/{'é' * 90}"
    found = read(tmp_path, archive(member(f"{name}.png", PNGS[0]), form=form))
    assert outcome(found) == [(name, "")]


HOSTILE = {
    "link": (
        member("a.png", kind=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "unsafe_member",
        "a link to /etc/pa",
    ),
    "hard link": (
        member("a.png", kind=tarfile.LNKTYPE, linkname="b.png"),
        "unsafe_member",
        "a link to b.png",
    ),
    "device": (member("a.png", kind=tarfile.CHRTYPE), "unsafe_member", "no regular file"),
    "fifo": (member("a.png", kind=tarfile.FIFOTYPE), "unsafe_member", "no regular file"),
    "absolute": (member("/a.png", PNGS[1]), "unsafe_member", "leads out of the archive"),
    "parent": (member("x/../../a.png", PNGS[1]), "unsafe_member", "leads out of the archive"),
    "huge": (member("a.png", b"\0" * 5000), "over_size_limit", "a.png: 5000 bytes are over reading.max_doc"),
    "no image": (member("a.txt", b"alone"), "missing_image", "1 members: a.txt; none is"),
    "damaged": (member("a.png", PNGS[1][:60]), "image_truncated", ""),
    "bad json": (member("a.json", b"{"), "invalid_json", ".json: "),
    "json list": (member("a.json", b"[]"), "not_an_object", ".json holds a JSON list"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_member_is_rejected_by_itself(tmp_path, name):
    bad, reason, detail = HOSTILE[name]
    content = archive(member("0.png", PNGS[0]), bad, member("2.png", PNGS[2]), member("2.txt", b"after"))
    found = read(tmp_path, content, reading__max_document_bytes=4000)
    assert [said for _, said in outcome(found)] == ["", f"! {reason}", "after"] or [
        said for _, said in outcome(found)
    ] == [f"! {reason}", "", "after"]
    (rejected,) = (one for one in found if not isinstance(one, Document))
    assert detail in rejected.detail
    assert reason in REASONS
    assert list(tmp_path.iterdir()) == [tmp_path / "a.tar"], "nothing is unpacked"


def test_members_and_keys_that_come_twice_are_rejected(tmp_path):
    content = archive(
        member("0.png", PNGS[0]), member("0.png", PNGS[1]), member("1.png", PNGS[1]), member("2.png", PNGS[2]),
        member("1.png", PNGS[3]), member("3.png", PNGS[0]), member("3.txt", b"\xff"),
    )  # fmt: skip
    assert outcome(read(tmp_path, content)) == [
        ("0", "! duplicate_id"), ("1", ""), ("2", ""), ("1", "! duplicate_id"), ("3", "! invalid_utf8"),
    ]  # fmt: skip


def test_hidden_members_are_skipped_and_other_extensions_not_read(tmp_path):
    content = archive(
        member("._0.png", b"x"),
        member(".d/1.png", b"x"),
        member("2.png", PNGS[0]),
        member("2.mp4", b"\0" * 9000),
    )
    assert outcome(read(tmp_path, content, reading__max_document_bytes=4000)) == [("2", "")]


@pytest.mark.parametrize("cut", range(0, 9))
def test_a_cut_archive_keeps_what_came_before(tmp_path, cut):
    content = archive(*(member(f"{n}.png", PNGS[n]) for n in range(4)))
    end = len(content.rstrip(b"\0")) * cut // 9
    found = read(tmp_path, content[:end])
    whole = [one for one in found if isinstance(one, Document)]
    rest = [one for one in found if not isinstance(one, Document)]
    assert [one.image for one in whole] == PNGS[: len(whole)]
    assert len(whole) < 4
    assert [one.reason for one in rest][-1] == "truncated_archive"
    assert len(rest) == 1


def test_a_damaged_header_ends_an_archive_with_a_reject(tmp_path):
    content = archive(*(member(f"{n}.png", PNGS[n]) for n in range(4)))
    at = content.index(b"2.png")
    found = read(tmp_path, content[:at] + b"\xff" + content[at + 1 :])
    assert [said for _, said in outcome(found)] == ["", "", "! damaged_archive"]
    assert f"2 records were read; at byte {at} is no header" in found[-1].detail
    assert [one.reason for one in read(tmp_path, b"\xff" * 9000)] == ["damaged_archive"]
    assert [one.reason for one in read(tmp_path, archive())] == ["empty_file"]


def number(value, digits):
    """Write a number as GNU tar writes large and negative ones: in base 256."""
    return (
        0x80 << 8 * (digits - 1) | value & (1 << 8 * (digits - 1)) - 1
        if value >= 0
        else (1 << 8 * digits) + value
    ).to_bytes(digits, "big")


def with_size(content, name, size, kind=None):
    """Change the size, and the type, in the header of a member."""
    at = content.index(name)
    header = bytearray(content[at : at + 512])
    header[124:136] = number(size, 12)
    if kind:
        header[156:157] = kind
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return content[:at] + bytes(header) + content[at + 512 :]


@pytest.mark.parametrize("size", [-512, -1, -10_000, 1 << 40, (1 << 80) + 1])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_sizes_that_lie_end_it_at_once_and_take_no_memory(tmp_path, size, kind):
    content = archive(*(member(f"{n}.png", PNGS[n]) for n in range(3)), form=tarfile.GNU_FORMAT)
    found = read(tmp_path, with_size(content, b"1.png", size, kind))
    assert outcome(found)[0] in (("0", ""), ("", "! damaged_archive"))
    assert found[-1].reason in ("damaged_archive", "truncated_archive", "over_size_limit")
    assert len(found) <= 3


def test_no_read_is_larger_than_the_limit_or_of_everything():
    file = tar_archive._Bounded(io.BytesIO(b"0123456789"), 4)
    assert file.read(4) == b"0123"
    for size in (5, -1, -512):
        with pytest.raises(tarfile.ReadError, match=f"asks for {size} bytes; at most 4 are read at once"):
            file.read(size)
    assert file.tell() == 4


def test_a_chain_of_headers_that_never_comes_to_a_member(tmp_path):
    one = archive(member("0.png", b""), form=tarfile.GNU_FORMAT)[:512]
    header = with_size(one + b"\0" * 512, b"0.png", 0, tarfile.XHDTYPE)[:512]
    found = read(tmp_path, header * 5000)
    assert [one.reason for one in found] == ["damaged_archive"]


def test_on_s3_it_is_the_same(s3_url, bucket, tmp_path):
    location = support.s3.put(f"{bucket}/a.tar", GOOD)
    faults = support.s3.Faults(0, 0.3)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        found = list(read_tar(location, "a.tar", Settings.of(reading__documents="image")))
    assert found == read(tmp_path, GOOD)
