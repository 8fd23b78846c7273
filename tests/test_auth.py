"""Which credentials an action sends."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cal_actions import (
    ActionError,
    ActionSpec,
    AsyncConnector,
    Connector,
    Envelope,
    aexecute,
    catalog,
    execute,
)
from cal_actions.auth import Credentials
from cal_actions.tokens import AccessToken
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


# --- through a connector


ACTIONS = catalog_of(
    document("CAL_AS_USER", auth=["user"]),
    document("CAL_AS_CLIENT", auth=["oauth_client"]),
    document("CAL_AS_EITHER", auth=["oauth_client", "user"]),
    document("CAL_AS_ANYONE", auth=["user", "none"]),
)
NAMES = ("authorization", "x-cal-client-id", "x-cal-secret-key")
OWN: dict[str, Any] = {
    "api_key": "own_key",
    "oauth_client_id": "own_client",
    "oauth_client_secret": "own_secret",
}
OWN_KEY = {"authorization": "Bearer own_key"}
OWN_PAIR = {"x-cal-client-id": "own_client", "x-cal-secret-key": "own_secret"}
OTHER_KEY = {"authorization": "Bearer other_key"}
OTHER_PAIR = {"x-cal-client-id": "other_client", "x-cal-secret-key": "other_secret"}
Calls = Callable[..., tuple[list[Envelope], list[dict[str, str]]]]


@pytest.fixture(params=["sync", "async"])
def calls(request: pytest.FixtureRequest) -> Calls:
    """Makes calls over one connector, each a slug and arguments; returns what was sent too."""

    def make(*slugs: tuple[str, dict[str, Any]], **options: Any) -> Any:
        sent: list[dict[str, str]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append({name: request.headers[name] for name in NAMES if name in request.headers})
            return httpx.Response(200, json={"status": "success", "data": {}})

        transport = httpx.MockTransport(answer)
        options = {"actions": ACTIONS, "base_url": "http://cal.example", **options}

        async def make_async() -> list[Envelope]:
            async with (
                httpx.AsyncClient(transport=transport) as client,
                AsyncConnector(client=client, **options) as connector,
            ):
                return [await connector.execute(slug, **given) for slug, given in slugs]

        if request.param == "async":
            return asyncio.run(make_async()), sent
        with (
            httpx.Client(transport=transport) as client,
            Connector(client=client, **options) as connector,
        ):
            return [connector.execute(slug, **given) for slug, given in slugs], sent

    return make


OTHERS: dict[str, Callable[[], Any]] = {
    "an API key": lambda: "other_key",
    "a token": lambda: AccessToken("other_key", refresh=str),
    "credentials": lambda: Credentials("other_key"),
    "credentials with a token": lambda: Credentials(AccessToken("other_key", refresh=str)),
}


@pytest.mark.parametrize("auth", OTHERS.values(), ids=OTHERS)
def test_a_call_is_made_with_the_auth_that_it_is_given(auth: Any, calls: Calls) -> None:
    (envelope,), sent = calls(("CAL_AS_USER", {"auth": auth()}), **OWN)
    assert (envelope.successful, sent) == (True, [OTHER_KEY])


@pytest.mark.parametrize("auth", OTHERS.values(), ids=OTHERS)
def test_a_connector_takes_the_same_auth(auth: Any, calls: Calls) -> None:
    (envelope,), sent = calls(("CAL_AS_USER", {}), auth=auth())
    assert (envelope.successful, sent) == (True, [OTHER_KEY])


def test_the_next_call_is_the_connectors_own_again(calls: Calls) -> None:
    _, sent = calls(
        ("CAL_AS_USER", {}),
        ("CAL_AS_USER", {"auth": "other_key"}),
        ("CAL_AS_USER", {"auth": None}),
        **OWN,
    )
    assert sent == [OWN_KEY, OTHER_KEY, OWN_KEY]


def test_the_pair_goes_out_only_with_actions_that_want_it(calls: Calls) -> None:
    slugs = ["CAL_AS_USER", "CAL_AS_CLIENT", "CAL_AS_EITHER", "CAL_AS_ANYONE"]
    _, sent = calls(*((slug, {}) for slug in slugs), **OWN)
    assert sent == [OWN_KEY, OWN_PAIR, OWN_PAIR, OWN_KEY]


@pytest.mark.parametrize("slug", sorted(catalog))
def test_an_action_of_the_catalogue_sends_one_kind_of_credentials(slug: str) -> None:
    one = catalog[slug]
    names = set(dict(both().authorize(one).headers.lines))
    wanted = {"user": {"Authorization"}, "oauth_client": set(PAIR), "none": set()}
    assert names == wanted[one.auth[0]]


def test_a_pair_given_with_a_call_is_sent(calls: Calls) -> None:
    auth = Credentials(None, "other_client", "other_secret")
    (envelope,), sent = calls(("CAL_AS_CLIENT", {"auth": auth}), **OWN)
    assert (envelope.successful, sent) == (True, [OTHER_PAIR])


@pytest.mark.parametrize("source", ["connector", "environment"])
@pytest.mark.parametrize(
    ("slug", "auth"),
    [
        ("CAL_AS_CLIENT", "other_key"),
        ("CAL_AS_CLIENT", Credentials("other_key")),
        ("CAL_AS_CLIENT", Credentials("other_key", "other_client")),
        ("CAL_AS_USER", Credentials(None, "other_client", "other_secret")),
        ("CAL_AS_USER", Credentials()),
        ("CAL_AS_USER", ""),
        ("CAL_AS_USER", " "),
        ("CAL_AS_EITHER", ""),
    ],
)
def test_nothing_else_fills_up_the_auth_of_a_call(
    slug: str, auth: Any, source: str, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch)
    own = OWN if source == "connector" else {}
    (envelope,), sent = calls((slug, {"auth": auth}), **own)
    assert (envelope.data["code"], sent) == ("no_credentials", [])


def test_an_action_that_takes_either_sends_the_one_that_it_is_given(calls: Calls) -> None:
    _, sent = calls(("CAL_AS_EITHER", {"auth": "other_key"}), **OWN)
    assert sent == [OTHER_KEY]


def test_a_blank_auth_asks_as_no_one_where_that_is_enough(calls: Calls) -> None:
    (envelope,), sent = calls(("CAL_AS_ANYONE", {"auth": ""}), **OWN)
    assert (envelope.successful, sent) == (True, [{}])


def test_a_connectors_auth_is_not_filled_up_from_the_environment(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch)
    envelopes, sent = calls(("CAL_AS_CLIENT", {}), ("CAL_AS_USER", {}), auth="other_key")
    assert [envelope.successful for envelope in envelopes] == [False, True]
    assert sent == [OTHER_KEY]


@pytest.mark.parametrize("auth", [b"other_key", 5, True, {"api_key": "other_key"}, object()])
def test_an_auth_that_is_none_is_a_type_error_that_does_not_show_it(
    auth: Any, calls: Calls
) -> None:
    with pytest.raises(TypeError, match="must be an API key, an AccessToken") as caught:
        calls(("CAL_AS_USER", {"auth": auth}), **OWN)
    assert "other_key" not in str(caught.value)
    with pytest.raises(TypeError, match=f"not {type(auth).__name__}$"):
        calls(auth=auth)


@pytest.mark.parametrize("other", OWN)
@pytest.mark.parametrize("value", ["own", ""])
@pytest.mark.parametrize("connector", [Connector, AsyncConnector])
def test_a_connector_takes_auth_alone(connector: Any, value: str, other: str) -> None:
    with pytest.raises(TypeError, match="pass auth= alone"):
        connector(auth="other_key", **{other: value})


def test_the_functions_of_the_package_take_auth_and_do_not_fill_it_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_variables(monkeypatch)
    slug = "CAL_RETRIEVE_MY_INFORMATION"
    envelopes = execute(slug, auth=""), asyncio.run(aexecute(slug, auth=""))
    assert [envelope.data["code"] for envelope in envelopes] == ["no_credentials"] * 2


def set_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAL_API_KEY", "own_key")
    monkeypatch.setenv("CAL_OAUTH_CLIENT_ID", "own_client")
    monkeypatch.setenv("CAL_OAUTH_CLIENT_SECRET", "own_secret")
    monkeypatch.setenv("CAL_API_BASE_URL", "http://127.0.0.1:9")
