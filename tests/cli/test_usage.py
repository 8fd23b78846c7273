"""Help, versions and mistyped commands."""

import pytest

import cal_actions

COMMANDS = ["list", "toolsets", "show", "execute", "schema", "sandbox", "completion"]


def test_the_version_is_the_package_s(invoke):
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, f"cal-actions {cal_actions.__version__}\n")


def test_the_help_names_every_command_in_whole_sentences(invoke):
    text = invoke("--help").stdout
    assert all(f"  {command} " in text for command in COMMANDS)
    assert "..." not in text.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(invoke, command):
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "Usage: cal-actions" in result.stdout


def test_a_mistyped_command_is_answered_with_the_closest(invoke):
    result = invoke("lst")
    assert result.exit_code == 2
    assert "There is no command 'lst': did you mean list?" in result.stderr


def test_an_action_in_a_command_s_place_is_answered_with_how_to_execute_it(invoke):
    result = invoke("CAL_FETCH_ALL_BOOKINGS")
    assert result.exit_code == 2
    assert "cal-actions execute CAL_FETCH_ALL_BOOKINGS" in result.stderr


def test_params_in_a_command_s_place_are_not_repeated(invoke):
    result = invoke('{"secret": "whsec_do_not_show"}')
    assert result.exit_code == 2
    assert "whsec" not in result.output


def test_an_unknown_option_is_wrong_usage(invoke):
    assert invoke("list", "--nonsense").exit_code == 2
