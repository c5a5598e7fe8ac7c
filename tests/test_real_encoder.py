"""The whole graph once with the encoder that users get: a real model tells a twin from strangers."""

import json
from pathlib import Path

import pytest
from support.lake import guyot as run_guyot
from support.lake import lake_at

SUBJECTS = (
    "volcanoes", "sourdough", "chess openings", "tax forms", "violins", "glaciers", "tea", "railways", "bees", "kites",
    "harbours", "dictionaries", "marathons", "owls", "bridges", "clocks", "maps", "salt", "theatres", "comets",
)  # fmt: skip
WORDS = ("history", "price", "weather", "repair", "colour", "risk", "sound", "origin", "shape", "future")


def write_source(source: Path) -> None:
    """Write twenty texts on different matters in folders of their own, and one of them again, reworded a little."""
    for i, subject in enumerate(SUBJECTS):
        folder = source / f"shelf{i:02d}"
        folder.mkdir(parents=True)
        told = [
            f"The {WORDS[(i * 3 + j) % 10]} of {subject} is what chapter {j + i} is about." for j in range(12)
        ]
        (folder / "book.md").write_text(f"# On {subject}\n\n" + " ".join(told))
    original = (source / "shelf04" / "book.md").read_text()
    (source / "shelf04" / "again.md").write_text(
        original.replace("is what chapter", "is the thing that chapter", 2)
    )


@pytest.mark.long
@pytest.mark.in_ci
def test_semdedup_drops_the_twin_and_explains_it_by_its_witness(tmp_path: Path) -> None:
    write_source(tmp_path / "source")
    lake = lake_at(
        tmp_path / "lake",
        tmp_path / "source",
        encoder="minilm",
        reading__held_out_fraction=0.1,
        reading__shard_bytes=1 << 20,
    )

    def guyot(*arguments: str) -> str:
        return run_guyot(lake, *arguments)

    guyot("run", "--recipe", "semdedup")
    sql = (
        "SELECT a.source_path AS dropped, b.source_path AS witness, s.max_similarity AS similarity "
        "FROM pruned_mixtures m JOIN cluster_scores s USING (doc_id) JOIN raw_shards a USING (doc_id) "
        "JOIN raw_shards b ON b.doc_id = m.witness WHERE recipe = 'semdedup' ORDER BY similarity DESC"
    )
    first = json.loads(guyot("sql", sql, "--format", "json"))[0]
    assert {first["dropped"], first["witness"]} == {"shelf04/again.md", "shelf04/book.md"}
    assert first["similarity"] > 0.95
    told = guyot("explain", first["dropped"], "--recipe", "semdedup")
    assert "dropped by semdedup, reason near_duplicate" in told
    assert f"witness {first['witness']}" in told
    assert told.count("# On violins") == 2
