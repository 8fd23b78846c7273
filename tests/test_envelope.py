"""The envelope: three keys, read as attributes or like a dict."""

import json
import pickle

import pytest
from pydantic import ValidationError

from cal_actions import ActionError, Envelope

DONE = Envelope.success({"uid": "abc", "start": "2030-01-07T10:00:00Z"})
FAILED = Envelope.failure(
    ActionError("rate_limited", "Too many.", retryable=True, http_status=429, retry_after=5.0)
)


def test_a_success_has_data_and_no_error() -> None:
    assert (DONE.data["uid"], DONE.error, DONE.successful) == ("abc", None, True)


def test_a_failure_has_an_error_and_its_details() -> None:
    assert (FAILED.error, FAILED.successful) == ("Too many.", False)
    assert FAILED.data == {
        "code": "rate_limited",
        "retryable": True,
        "http_status": 429,
        "retry_after": 5.0,
    }


@pytest.mark.parametrize("envelope", [DONE, FAILED])
def test_it_dumps_to_exactly_the_three_keys(envelope: Envelope) -> None:
    assert list(envelope.model_dump()) == ["data", "error", "successful"]
    assert json.loads(envelope.model_dump_json()) == envelope.model_dump()


@pytest.mark.parametrize("envelope", [DONE, FAILED])
def test_it_reads_like_a_dict(envelope: Envelope) -> None:
    assert dict(envelope) == {**envelope} == envelope.model_dump()
    assert envelope["data"] == envelope.get("data") == envelope.data
    assert "error" in envelope


def test_another_key_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        DONE["model_dump"]


def test_get_of_another_key_answers_the_default() -> None:
    assert (DONE.get("uid"), DONE.get("uid", "none")) == (None, "none")


def test_another_key_is_not_in_it() -> None:
    assert "uid" not in DONE


def test_it_is_frozen() -> None:
    with pytest.raises(ValidationError):
        DONE.data = {}


def test_it_can_be_read_back_from_json() -> None:
    assert Envelope.model_validate_json(FAILED.model_dump_json()) == FAILED


def test_a_fourth_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        Envelope.model_validate({"data": {}, "error": None, "successful": True, "more": 1})


def test_raise_for_error_returns_a_success() -> None:
    assert DONE.raise_for_error() is DONE


def test_raise_for_error_raises_a_failure_with_all_its_facts() -> None:
    with pytest.raises(ActionError, match=r"^Too many\.$") as caught:
        FAILED.raise_for_error()
    assert (caught.value.code, caught.value.retryable) == ("rate_limited", True)
    assert caught.value.facts == {"http_status": 429, "retry_after": 5.0}


def test_an_error_can_be_pickled() -> None:
    error = ActionError("timeout", "Late.", retryable=True, outcome_unknown=True)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.data()) == (str(error), error.data())


def test_an_envelope_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(DONE)) == DONE


@pytest.mark.parametrize(
    "name", ["secret", "password", "calApiKey", "accessToken", "refresh_token"]
)
@pytest.mark.parametrize("value", ["s3cret", "it's s3cret", 'a "s3cret"', "a\\'s3cret"])
def test_its_text_hides_secrets(name: str, value: str) -> None:
    envelope = Envelope.success({"items": [{"id": 7, name: value, "end": "kept"}]})
    assert "s3cret" not in repr(envelope) + str(envelope)
    assert "kept" in repr(envelope)


def test_its_text_hides_the_state_of_a_url() -> None:
    url = "https://accounts.example/auth?client_id=7&state=cal_s3cret&code=s3cret"
    shown = repr(Envelope.success({"authUrl": url}))
    assert "s3cret" not in shown
    assert "client_id=7" in shown
