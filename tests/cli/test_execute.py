"""`cal-actions execute`, piped."""

import json

import pytest

LIST = "CAL_FETCH_ALL_BOOKINGS"
CREATE_SCHEDULE = "CAL_CREATE_USER_AVAILABILITY_SCHEDULE"
SECRET = "whsec_do_not_show"


def test_the_envelope_of_a_success_is_printed_and_the_exit_code_is_0(invoke):
    result = invoke("execute", LIST, "--sandbox")
    answer = json.loads(result.stdout)
    assert (answer["successful"], answer["error"], answer["data"]["items"]) == (True, None, [])
    assert result.exit_code == 0


def test_the_envelope_of_a_failure_is_printed_and_the_exit_code_is_1(invoke):
    result = invoke("execute", LIST, '{"take": "many"}', "--sandbox")
    answer = json.loads(result.stdout)
    assert (answer["successful"], answer["data"]["code"]) == (False, "invalid_params")
    assert result.exit_code == 1
    assert result.stderr == ""


def test_an_unknown_action_is_a_failed_one(invoke):
    result = invoke("execute", "CAL_FETCH_ALL_BOOKING", "--sandbox")
    answer = json.loads(result.stdout)
    assert answer["data"]["code"] == "unknown_action"
    assert LIST in answer["error"]
    assert result.exit_code == 1


def test_without_the_sandbox_the_credentials_of_the_environment_are_needed(invoke):
    result = invoke("execute", LIST)
    assert json.loads(result.stdout)["data"]["code"] == "no_credentials"
    assert result.exit_code == 1


def test_select_prints_a_part_of_the_data(invoke):
    result = invoke("execute", "CAL_RETRIEVE_MY_INFORMATION", "--sandbox", "--select", "username")
    assert json.loads(result.stdout)["data"] == "sam"


def test_a_wrong_select_is_a_failed_action(invoke):
    result = invoke("execute", "CAL_RETRIEVE_MY_INFORMATION", "--sandbox", "--select", "user[")
    assert json.loads(result.stdout)["data"]["code"] == "invalid_params"
    assert result.exit_code == 1


def test_a_dry_run_prints_the_request_and_sends_nothing(invoke, tmp_path):
    stored = ("--sandbox", "--db", str(tmp_path / "cal.db"))
    schedule = '{"name": "Nights", "timeZone": "UTC", "isDefault": false}'
    result = invoke("execute", CREATE_SCHEDULE, schedule, "--dry-run", *stored)
    request = json.loads(result.stdout)["data"]["request"]
    assert (request["method"], request["body"]["name"]) == ("POST", "Nights")
    listed = json.loads(invoke("execute", "CAL_RETRIEVE_SCHEDULES_LIST", *stored).stdout)
    assert "Nights" not in [one["name"] for one in listed["data"]["items"]]


def test_params_come_from_an_argument(invoke):
    result = invoke("execute", LIST, '{"take": 7}', "--sandbox")
    assert json.loads(result.stdout)["data"]["pagination"]["itemsPerPage"] == 7


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_params_come_from_a_file(invoke, tmp_path, encoding):
    file = tmp_path / "params.json"
    file.write_text('{"take": 7}', encoding=encoding)
    result = invoke("execute", LIST, f"@{file}", "--sandbox")
    assert json.loads(result.stdout)["data"]["pagination"]["itemsPerPage"] == 7


def test_params_come_from_standard_input(invoke):
    result = invoke("execute", LIST, "-", "--sandbox", given='{"take": 7}')
    assert json.loads(result.stdout)["data"]["pagination"]["itemsPerPage"] == 7


def test_params_that_are_no_object_are_a_failed_action(invoke):
    result = invoke("execute", LIST, "[1]", "--sandbox")
    assert json.loads(result.stdout)["data"]["code"] == "invalid_params"
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "wrong",
    [f'{{"secret": "{SECRET}"', SECRET, '{"take": NaN}', "", "[" * 100_000],
    ids=["cut off", "bare text", "not a number", "nothing", "too deep"],
)
def test_params_that_are_not_json_are_wrong_usage_and_never_repeated(invoke, wrong):
    result = invoke("execute", LIST, wrong, "--sandbox")
    assert result.exit_code == 2
    assert "The argument is not JSON:" in result.stderr
    assert SECRET not in result.output


def test_the_place_where_json_is_wrong_is_told(invoke):
    result = invoke("execute", LIST, '{"take":\n 5,}', "--sandbox")
    assert "at line 2, column" in result.stderr


def test_standard_input_that_is_not_text_is_wrong_usage(invoke):
    result = invoke("execute", LIST, "-", "--sandbox", given=b'{"take": "\xff\xfe\xfd"}')
    assert result.exit_code == 2
    assert "Standard input is not JSON: it is not UTF-8" in result.stderr


def test_a_file_that_is_not_there_is_wrong_usage(invoke, tmp_path):
    result = invoke("execute", LIST, f"@{tmp_path / 'missing.json'}", "--sandbox")
    assert result.exit_code == 2
    assert "The file after @ cannot be read: No such file or directory" in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        (LIST, "{secret:", f"{SECRET}}}"),
        (LIST, "--params", f'{{"secret": "{SECRET}"}}'),
        (LIST, f'--params={{"secret": "{SECRET}"}}'),
        (LIST, f"@{SECRET}"),
        (LIST, f'@{{"secret": "{SECRET}"}}'),
    ],
    ids=["unquoted", "unknown option", "unknown option with =", "no file", "JSON after @"],
)
def test_a_secret_in_wrong_usage_is_not_repeated(invoke, args):
    result = invoke("execute", *args)
    assert result.exit_code == 2
    assert SECRET not in result.output


def test_a_file_for_the_sandbox_needs_the_sandbox(invoke, tmp_path):
    result = invoke("execute", LIST, "--db", str(tmp_path / "cal.db"))
    assert result.exit_code == 2
    assert "add --sandbox" in result.stderr


def test_a_file_that_is_no_database_is_wrong_usage(invoke, tmp_path):
    file = tmp_path / "cal.db"
    file.write_text("not a database, but long enough to be looked at as one " * 20)
    result = invoke("execute", LIST, "--sandbox", "--db", str(file))
    assert result.exit_code == 2
    assert "--db: the file cannot be used" in result.stderr


def test_text_beyond_latin_is_written_as_it_is_whatever_the_locale(run):
    params = '{"name": "Jürgen 山田 🎉", "timeZone": "UTC", "isDefault": false}'.encode()
    locale = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    finished = run("execute", CREATE_SCHEDULE, "-", "--sandbox", given=params, **locale)
    assert finished.returncode == 0
    assert '"Jürgen 山田 🎉"'.encode() in finished.stdout


def test_a_lone_surrogate_is_written_as_json_escapes_it(run):
    params = b'{"take": "\\ud800"}'
    finished = run("execute", LIST, "-", "--sandbox", given=params)
    assert json.loads(finished.stdout)["data"]["code"] == "invalid_params"
