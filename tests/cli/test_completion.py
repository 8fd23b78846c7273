"""Completion in the shells."""

import pytest

VARIABLE = "_CAL_ACTIONS_COMPLETE"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_this_command(invoke, shell):
    result = invoke("completion", shell)
    assert result.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in result.stdout


def completions(run, words, **changes):
    typed = words.split(" ")
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(typed) - 1)}
    lines = run(**asked, **changes).stdout.decode().splitlines()
    return [line.partition(",")[2] for line in lines]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cal-actions sch", "schema"),
        ("cal-actions show CAL_FETCH_ALL", "CAL_FETCH_ALL_BOOKINGS"),
        ("cal-actions schema cal_fetch_all", "CAL_FETCH_ALL_BOOKINGS"),
        ("cal-actions execute CAL_POST_NEW_B", "CAL_POST_NEW_BOOKING_REQUEST"),
        ("cal-actions list --resource boo", "bookings"),
        ("cal-actions list --effect dest", "destructive"),
    ],
)
def test_a_begun_word_is_completed(run, words, expected):
    assert completions(run, words) == [expected]
