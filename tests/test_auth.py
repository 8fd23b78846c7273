"""Which credentials an action sends."""

from typing import Any

import pytest

from cal_actions import ActionError, ActionSpec
from cal_actions.auth import Credentials
from tests.made_up import catalog_of, document

KEY = {"Authorization": "Bearer cal_key"}
PAIR = {"x-cal-client-id": "client", "x-cal-secret-key": "s3cret"}


def spec(*auth: str) -> ActionSpec:
    return catalog_of(document(auth=auth))["CAL_DO"]


def sent(credentials: Credentials, *auth: str) -> dict[str, str]:
    return dict(credentials.authorize(spec(*auth)).headers.lines)


def both() -> Credentials:
    return Credentials("cal_key", "client", "s3cret")


def key() -> Credentials:
    return Credentials("cal_key")


def pair() -> Credentials:
    return Credentials(None, "client", "s3cret")


def nothing() -> Credentials:
    return Credentials()


@pytest.mark.parametrize(
    ("credentials", "auth", "headers"),
    [
        (both, ["user"], KEY),
        (both, ["oauth_client"], PAIR),
        (both, ["user", "oauth_client"], KEY),
        (both, ["oauth_client", "user"], PAIR),
        (both, ["user", "none"], KEY),
        (both, ["none"], {}),
        (key, ["oauth_client", "user"], KEY),
        (pair, ["user", "oauth_client"], PAIR),
        (pair, ["user", "none"], {}),
        (nothing, ["user", "oauth_client", "none"], {}),
    ],
)
def test_the_first_credentials_that_there_are_go_out_alone(
    credentials: Any, auth: list[str], headers: dict[str, str]
) -> None:
    assert sent(credentials(), *auth) == headers


@pytest.mark.parametrize(
    ("credentials", "auth", "variable"),
    [
        (nothing, "user", "set CAL_API_KEY or pass api_key="),
        (nothing, "oauth_client", "set CAL_OAUTH_CLIENT_ID and CAL_OAUTH_CLIENT_SECRET"),
        (key, "oauth_client", "pass oauth_client_id= and oauth_client_secret="),
        (pair, "user", "set CAL_API_KEY"),
    ],
)
def test_missing_credentials_are_told_with_the_variable_to_set(
    credentials: Any, auth: str, variable: str
) -> None:
    with pytest.raises(ActionError) as caught:
        credentials().authorize(spec(auth))
    assert (caught.value.code, caught.value.retryable) == ("no_credentials", False)
    assert variable in caught.value.message


@pytest.mark.parametrize("missing", ["id", "secret"])
def test_half_a_pair_is_no_pair(missing: str) -> None:
    half = Credentials(None, *(("", "s3cret") if missing == "id" else ("client", "")))
    with pytest.raises(ActionError):
        half.authorize(spec("oauth_client"))


def test_the_environment_gives_what_is_not_given() -> None:
    environment = {
        "CAL_API_KEY": "cal_key",
        "CAL_OAUTH_CLIENT_ID": "client",
        "CAL_OAUTH_CLIENT_SECRET": "s3cret",
    }
    credentials = Credentials.from_environment(environment=environment)
    assert sent(credentials, "user") == KEY
    assert sent(credentials, "oauth_client") == PAIR


def test_an_argument_wins_over_the_environment() -> None:
    credentials = Credentials.from_environment("cal_key", environment={"CAL_API_KEY": "another"})
    assert sent(credentials, "user") == KEY


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_blank_credentials_are_none(value: str) -> None:
    with pytest.raises(ActionError):
        Credentials.from_environment(value, environment={"CAL_API_KEY": value}).authorize(
            spec("user")
        )


def test_space_around_a_credential_is_cut_off() -> None:
    assert sent(Credentials(" cal_key\n"), "user") == KEY


@pytest.mark.parametrize("value", ["cal_ke\ny: x", "cal_ké", "cal_key\x00x"])
def test_a_credential_that_no_header_can_carry_is_told_but_not_shown(value: str) -> None:
    with pytest.raises(ActionError, match="characters that an HTTP header cannot carry") as caught:
        Credentials(value).authorize(spec("user"))
    assert caught.value.code == "no_credentials"
    assert value not in caught.value.message


def test_no_credential_shows() -> None:
    secrets = ("k3y", "cl13nt", "s3cret")
    credentials = Credentials(*secrets)
    shown = repr(credentials) + str(vars(credentials))
    assert not [secret for secret in secrets if secret in shown]
