"""The fixtures that the package brings along for the tests of its users."""

import pytest

pytest_plugins = ["pytester"]


def passes(pytester: pytest.Pytester, test: str) -> None:
    pytester.makepyfile(test)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_sandbox_is_there_without_an_import(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        from cal_actions import Connector

        def test_a_booking_is_made(cal_sandbox):
            with Connector.sandbox(cal_sandbox) as cal:
                booked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", {
                    "eventTypeId": 1,
                    "start": "2026-01-06T09:00:00Z",
                    "attendee": {
                        "name": "Ann", "email": "ann@example.com", "timeZone": "Europe/Paris",
                    },
                })
            assert booked.successful
            assert [one["uid"] for one in cal_sandbox.state()["bookings"]] == [booked.data["uid"]]
        """,
    )


def test_every_test_has_a_sandbox_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_it_is_fresh(cal_sandbox, time):
            headers = {"Authorization": f"Bearer {cal_sandbox.api_key}"}
            assert cal_sandbox.state()["users"][0]["name"] == "Sam Rivera"
            body = b'{"name": "Other"}'
            headers["Content-Type"] = "application/json"
            assert cal_sandbox.handle("PATCH", "/v2/me", headers, body).status == 200
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_ids_are_the_same_in_every_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        ids = set()

        @pytest.mark.parametrize("time", [1, 2])
        def test_it_gives_the_same_ids(cal_sandbox, time):
            ids.add(cal_sandbox.handle("GET", "/v2/me", {}, b"").headers["X-Request-Id"])
            assert len(ids) == 1
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_marker_passes_options(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        from datetime import UTC, datetime
        import pytest

        @pytest.mark.cal_sandbox(now=datetime(2030, 1, 1, tzinfo=UTC))
        def test_the_clock_is_set(cal_sandbox):
            reply = cal_sandbox.handle("GET", "/v2/me", {}, b"")
            assert b"2030-01-01T00:00:00.000Z" in reply.body
        """,
    )


def test_a_server_answers_from_the_same_sandbox(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        from cal_actions import Connector

        def test_over_http(cal_sandbox, cal_sandbox_url):
            with Connector(api_key=cal_sandbox.api_key, base_url=cal_sandbox_url) as cal:
                cal.execute("CAL_UPDATE_USER_PROFILE_DETAILS", {"name": "Other"})
            assert cal_sandbox.state()["users"][0]["name"] == "Other"
        """,
    )
