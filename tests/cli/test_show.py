"""`cal-actions show`, piped."""

import json

from cal_actions import catalog

SLUG = "CAL_POST_NEW_BOOKING_REQUEST"


def test_an_action_is_shown_with_its_request_and_schemas(invoke):
    spec = catalog[SLUG]
    assert json.loads(invoke("show", SLUG).stdout) == {
        "slug": SLUG,
        "title": "Post a new booking request",
        "description": spec.description,
        "resource": "bookings",
        "effect": "write",
        "idempotent": False,
        "request": {
            "method": "POST",
            "path": "/v2/bookings",
            "version": "2024-08-13",
            "auth": ["user", "oauth_client", "none"],
        },
        "input": spec.input_schema,
        "output": spec.output_schema,
        "additions": list(spec.additions),
    }


def test_an_unknown_slug_is_wrong_usage_and_names_the_closest(invoke):
    result = invoke("show", "CAL_FETCH_ALL_BOOKING")
    assert result.exit_code == 2
    assert "There is no action 'CAL_FETCH_ALL_BOOKING'" in result.stderr
    assert "did you mean CAL_FETCH_ALL_BOOKINGS" in result.stderr


def test_a_slug_like_no_other_is_answered_with_where_to_look(invoke):
    result = invoke("show", "qqqq")
    assert result.exit_code == 2
    assert "see cal-actions list" in result.stderr
