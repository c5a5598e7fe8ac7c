"""Text for a terminal: escaped, one line, cut with a mark where it is too wide."""

from jobs.cli.terminal import MARK, cell, cut_middle, name


def test_a_cell_is_a_line_without_commands_to_the_terminal() -> None:
    shown = cell("\x1b[31mred\nnext [bold]").plain
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert "[bold]" in shown  # markup is text


def test_a_cell_is_as_wide_as_it_may_be() -> None:
    assert cell("a" * 500).plain == "a" * 500
    assert cell("a" * 500, 10).plain == "a" * 9 + MARK
    assert cell("ab", 10).plain == "ab"
    wide = cell("\u6f22" * 50, 9)  # two columns each
    assert wide.cell_len <= 9
    assert wide.plain.endswith(MARK)


def test_the_middle_is_cut() -> None:
    assert cut_middle("abcdef", 6) == "abcdef"
    assert cut_middle("abcdefg", 6) == f"abc{MARK}fg"
    assert name("x" * 1000) == "x" * 1000  # no terminal reads the tests
