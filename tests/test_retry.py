import pytest

from cal_actions.errors import ActionError
from cal_actions.retry import Attempt, Retry
from tests.made_up import CODES

PASSING_FOR_ALL = {"rate_limited"}
PASSING_FOR_READS = {"upstream_error", "timeout", "network_error"}
FINAL = CODES - PASSING_FOR_ALL - PASSING_FOR_READS
READS_AND_WRITES = pytest.mark.parametrize("reads", [True, False], ids=["read", "write"])
SENT_OR_NOT = pytest.mark.parametrize("sent", [True, False], ids=["sent", "unsent"])


def failed(
    code: str = "network_error",
    number: int = 1,
    *,
    reads: bool = True,
    sent: bool = True,
    lasting: bool = False,
    retry_after: float | None = None,
) -> Attempt:
    facts = {} if retry_after is None else {"retry_after": retry_after}
    return Attempt(ActionError(code, "It failed.", **facts), reads, number, sent, lasting)


@SENT_OR_NOT
@READS_AND_WRITES
@pytest.mark.parametrize("code", sorted(PASSING_FOR_ALL))
def test_a_rate_limit_is_waited_out_by_all(code: str, reads: bool, sent: bool) -> None:
    assert Retry().pause(failed(code, reads=reads, sent=sent), 0.5) is not None


@SENT_OR_NOT
@pytest.mark.parametrize("code", sorted(PASSING_FOR_READS))
def test_a_read_is_sent_again_after_what_may_pass(code: str, sent: bool) -> None:
    assert Retry().pause(failed(code, sent=sent), 0.5) is not None


@pytest.mark.parametrize("code", sorted(PASSING_FOR_READS))
def test_a_write_that_may_have_arrived_is_not_sent_again(code: str) -> None:
    assert Retry().pause(failed(code, reads=False), 0.5) is None


@pytest.mark.parametrize("code", sorted(PASSING_FOR_READS))
def test_a_write_that_never_arrived_is_sent_again(code: str) -> None:
    assert Retry().pause(failed(code, reads=False, sent=False), 0.5) is not None


@pytest.mark.parametrize("told", [None, 1.0])
@SENT_OR_NOT
@READS_AND_WRITES
@pytest.mark.parametrize("code", sorted(FINAL))
def test_what_will_not_pass_is_final(
    code: str, reads: bool, sent: bool, told: float | None
) -> None:
    assert Retry().pause(failed(code, reads=reads, sent=sent, retry_after=told), 0.5) is None


@SENT_OR_NOT
@READS_AND_WRITES
@pytest.mark.parametrize("code", sorted(CODES))
def test_a_lasting_fault_is_final(code: str, reads: bool, sent: bool) -> None:
    assert Retry().pause(failed(code, reads=reads, sent=sent, lasting=True), 0.5) is None


@pytest.mark.parametrize("told", [None, 1.0])
@READS_AND_WRITES
@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("number", [4, 5, 1000])
def test_the_last_attempt_is_final(code: str, reads: bool, number: int, told: float | None) -> None:
    attempt = failed(code, number, reads=reads, sent=False, retry_after=told)
    assert Retry(attempts=4).pause(attempt, 0.5) is None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_attempt_before_the_last_is_followed_by_another(number: int) -> None:
    assert Retry(attempts=4).pause(failed(number=number), 0.5) is not None


def test_one_attempt_means_no_retry() -> None:
    assert Retry(attempts=1).pause(failed("rate_limited", retry_after=1.0), 0.5) is None


def test_a_request_is_sent_four_times_unless_told_otherwise() -> None:
    pauses = [Retry().pause(failed(number=number), 0.5) for number in (1, 2, 3, 4)]
    assert [pause is None for pause in pauses] == [False, False, False, True]


def test_the_pause_doubles() -> None:
    retry = Retry(attempts=10, first=0.5, longest=1000.0)
    pauses = [retry.pause(failed(number=number), 1.0) for number in range(1, 7)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize("number", [6, 7, 50, 900])
def test_the_pause_has_a_longest(number: int) -> None:
    assert Retry(attempts=1000, longest=8.0).pause(failed(number=number), 1.0) == 8.0


@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_half_of_the_pause_is_left_to_chance(number: int) -> None:
    retry = Retry(attempts=10)
    whole = retry.pause(failed(number=number), 1.0)
    assert whole is not None
    pauses = [retry.pause(failed(number=number), chance) for chance in (0.0, 0.5, 1.0)]
    assert pauses == [whole / 2, whole * 3 / 4, whole]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("told", [0.001, 0.2, 3.0, 120.0])
@pytest.mark.parametrize("code", ["rate_limited", "upstream_error"])
def test_a_pause_that_the_answer_tells_wins_over_our_own(
    code: str, told: float, number: int
) -> None:
    assert Retry().pause(failed(code, number, retry_after=told), 0.0) == told


@pytest.mark.parametrize(("told", "longest"), [(0.1, 0.2), (0.5, 1.0), (3.0, 3.5), (60.0, 60.5)])
def test_a_little_chance_is_added_to_a_pause_that_the_answer_tells(
    told: float, longest: float
) -> None:
    retry = Retry(first=0.5)
    assert retry.pause(failed("rate_limited", retry_after=told), 1.0) == pytest.approx(longest)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_no_one_comes_back_before_the_told_pause_is_over(chance: float) -> None:
    pause = Retry().pause(failed("rate_limited", retry_after=2.0), chance)
    assert pause is not None
    assert pause >= 2.0


@pytest.mark.parametrize("told", [None, 0.0])
def test_a_rate_limit_that_tells_no_pause_has_our_own(told: float | None) -> None:
    assert Retry(first=0.5).pause(failed("rate_limited", retry_after=told), 1.0) == 0.5


def test_a_told_pause_makes_no_write_safe() -> None:
    attempt = failed("upstream_error", reads=False, retry_after=1.0)
    assert Retry().pause(attempt, 0.5) is None
