"""Words and their n-grams: what is a word, and what a text without any has."""

from guyot.text.ngram_overlap import ngrams, normalised


def test_text_is_brought_to_words_alike_whether_ascii_or_not() -> None:
    assert normalised("Foo_Bar-2x").split() == ["foo", "bar", "2x"]
    assert normalised("É_tude\u2014ÜBER\ud800\x00x").split() == ["é", "tude", "über", "x"]
    assert normalised("FOO ✓ Bar").split() == normalised("foo + bar").split()


def test_an_ngram_is_a_run_of_words() -> None:
    found = ngrams(["a b c", "B, c! d", "b c", "", "a"], 2)
    assert found.offsets.tolist() == [0, 2, 4, 5, 5, 6]
    assert found.hashes[1] == found.hashes[2] == found.hashes[4]
    assert len(set(found.hashes.tolist())) == 4
