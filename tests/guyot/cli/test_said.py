"""Lines are written to either channel without commands to the terminal."""

import pytest

from guyot.cli.said import say


@pytest.mark.parametrize("err", [False, True])
def test_lines_stay_lines_and_commands_are_shown(capsys: pytest.CaptureFixture[str], err: bool) -> None:
    say("one\n\x1b[2Jtwo\r\x9bthree \u202efour", err=err)
    assert capsys.readouterr()[err] == "one\n\\x1b[2Jtwo\\r\\x9bthree \\u202efour\n"
    assert capsys.readouterr()[not err] == ""
