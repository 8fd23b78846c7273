"""Whatever comes in, from the caller or from the network: always an envelope."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cal_actions import Connector, Envelope, catalog
from tests.made_up import CODES, PROPERTIES, catalog_of, document

total = settings(
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def answer_well(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "data": {}})


def execute(
    slug: Any,
    params: Any,
    answer: Callable[[httpx.Request], httpx.Response] = answer_well,
    **options: Any,
) -> Envelope:
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
        Connector(
            api_key="key",
            oauth_client_id="client",
            oauth_client_secret="secret",
            client=client,
            max_attempts=1,
            **options,
        ) as connector,
    ):
        return connector.execute(slug, params)


def assert_is_an_envelope(envelope: Envelope) -> None:
    assert list(envelope.model_dump()) == ["data", "error", "successful"]
    assert isinstance(repr(envelope), str)
    if envelope.successful:
        assert envelope.error is None
    else:
        assert envelope.data["code"] in CODES
        assert isinstance(envelope.data["retryable"], bool)
        assert envelope.error
        assert envelope.error.isprintable()
        json.dumps(envelope.model_dump(), ensure_ascii=False, allow_nan=False).encode()


class Hostile:
    """Equal to nothing, true of nothing, without words."""

    def __eq__(self, other: object) -> bool:
        raise ValueError

    def __bool__(self) -> bool:
        raise TypeError

    __hash__ = object.__hash__


TEXT = st.text(max_size=8) | st.text(st.characters(), max_size=8)
USUAL = st.sampled_from(
    ["", "..", "a/b", "7", "true", "[1]", "{", "2030-01-07T10:00:00Z", "a@b.example", "\ud800"]
)
JSON_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | USUAL
HUGE = st.builds(pow, st.just(10), st.just(5000))
PYTHON_LEAVES = (
    HUGE
    | JSON_LEAVES
    | st.sampled_from(
        [
            b"bytes",
            {1, 2},
            1j,
            Decimal("sNaN"),
            datetime(2030, 1, 7, tzinfo=UTC),
            len,
            object(),
            Hostile(),
            Ellipsis,
            (1, 2),
            range(3),
        ]
    )
)


def nested(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=6,
    )


JSON = nested(JSON_LEAVES, TEXT)
PYTHON = nested(PYTHON_LEAVES, TEXT | st.integers() | st.none() | st.tuples(st.integers()))


def params_of(slug: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Params that name the action's own parameters, whatever their values."""
    schema = catalog[slug].input
    required = schema.get("required", [])
    optional = [name for name in schema["properties"] if name not in required]
    return st.fixed_dictionaries(
        dict.fromkeys(required, values),
        optional=dict.fromkeys((*optional[:6], "unknown"), values),
    )


@total
@given(st.data())
def test_any_json_as_params_of_any_action_gives_an_envelope(data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from(list(catalog)))
    params = data.draw(JSON | params_of(slug, JSON))
    coerce = data.draw(st.booleans())
    assert_is_an_envelope(execute(slug, params, coerce=coerce))


@total
@given(st.data())
def test_any_python_value_as_params_of_any_action_gives_an_envelope(data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from(list(catalog)))
    params = data.draw(PYTHON | params_of(slug, PYTHON))
    coerce = data.draw(st.booleans())
    assert_is_an_envelope(execute(slug, params, coerce=coerce))


@total
@given(PYTHON)
def test_any_python_value_as_slug_gives_an_envelope(slug: Any) -> None:
    assert execute(slug, {}).data["code"] == "unknown_action"


ANSWERED = catalog_of(
    document("CAL_READ"),
    document("CAL_WRITE", "POST"),
    document("CAL_REDIRECT", effect="write", response="redirect"),
    document("CAL_RETRIEVE_MY_INFORMATION"),
    document("CAL_GET_TEAMS_LIST"),
    document("CAL_GET_TEAM_INFORMATION_BY_TEAM_ID"),
    document("CAL_GET_ORGANIZATION_ID", flow="organization_ids"),
    document(
        "CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS",
        properties=dict.fromkeys(("teamId", "orgId"), PROPERTIES["teamId"]),
        flow="team_stripe_status",
    ),
)
WORDS = [
    "status",
    "data",
    "error",
    "message",
    "details",
    "errors",
    "constraints",
    "children",
    "property",
    "pagination",
    "items",
    "id",
    "isOrganization",
    "organizationId",
    "parentId",
]
BODIES = st.binary(max_size=60) | st.builds(
    lambda value: json.dumps(value).encode(),
    nested(JSON_LEAVES | st.sampled_from(["success", "error"]), st.sampled_from(WORDS)),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "content-type",
            "content-encoding",
            "location",
            "set-cookie",
            "x-ratelimit-reset-default",
            "x-ratelimit-reset-other",
            "x-request-id",
            "retry-after",
        ]
    ),
    st.sampled_from(["gzip", "deflate", "application/json", "text/plain", "nan", "1e999", "-3"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10),
)


@settings(total, max_examples=600)
@given(
    slug=st.sampled_from(list(ANSWERED)),
    answers=st.lists(st.tuples(st.integers(100, 599), HEADERS, BODIES), min_size=1, max_size=3),
    unwrap=st.booleans(),
)
def test_any_answer_gives_an_envelope(
    slug: str, answers: list[tuple[int, dict[str, str], bytes]], unwrap: bool
) -> None:
    left = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        status, headers, body = next(left, answers[-1])
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    params = {"teamId": 7} if slug == "CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS" else {}
    assert_is_an_envelope(execute(slug, params, answer, actions=ANSWERED, unwrap=unwrap))
