"""`cal-actions sandbox`: a server of its own, and bookings from the shell."""

import json
import signal
import socket
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cal_actions import Connector
from cal_actions.sandbox import Sandbox


@pytest.fixture
def server(start):
    """A running sandbox and what it said of itself; stopped by Ctrl-C."""
    with start("sandbox") as process:
        yield json.loads(read_json(process.stdout)), process
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def read_json(stream):
    """Read one indented JSON object from a stream that stays open."""
    text = b""
    while not text.endswith(b"}\n"):
        line = stream.readline()
        assert line, "the server ended"
        text += line
    return text


def test_the_server_answers_at_the_url_it_names(server):
    told, _ = server
    headers = {"Authorization": f"Bearer {told['api_key']}"}
    answer = httpx.get(f"{told['base_url']}/v2/me", headers=headers)
    assert (answer.status_code, answer.json()["data"]["timeZone"]) == (200, "UTC")


def test_a_connector_reaches_the_server_with_what_it_names(server):
    told, _ = server
    with Connector(base_url=told["base_url"], api_key=told["api_key"]) as cal:
        assert cal.execute("CAL_RETRIEVE_MY_INFORMATION").successful


def test_the_environment_points_execute_at_the_server(server, run):
    told, _ = server
    variables = {"CAL_API_BASE_URL": told["base_url"], "CAL_API_KEY": told["api_key"]}
    finished = run("execute", "CAL_RETRIEVE_MY_INFORMATION", **variables)
    assert (finished.returncode, json.loads(finished.stdout)["successful"]) == (0, True)


def test_the_oauth_client_it_names_reaches_the_server(server):
    told, _ = server
    names = ("base_url", "oauth_client_id", "oauth_client_secret")
    with Connector(**{name: told[name] for name in names}) as cal:
        users = {"clientId": told["oauth_client_id"]}
        assert cal.execute("CAL_GET_OAUTH_CLIENTS_USER", users).data == {"items": []}


@pytest.mark.parametrize(("options", "status"), [([], 400), (["--faults"], 500)])
def test_known_faults_of_the_server_are_played_on_demand(start, options, status):
    with start("sandbox", *options) as process:
        told = json.loads(read_json(process.stdout))
        headers = {"Authorization": f"Bearer {told['api_key']}", "cal-api-version": "2024-06-11"}
        answer = httpx.get(f"{told['base_url']}/v2/schedules/abc", headers=headers)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("options", "status"), [([], "not sent"), (["--allow-remote-webhooks"], "failed")]
)
def test_webhooks_go_elsewhere_on_demand(start, tmp_path, options, status):
    db = str(tmp_path / "cal.db")
    # An address that is not loopback by its spelling, and where nobody listens.
    url = "http://0.0.0.0:9/"
    hook = {"active": True, "subscriberUrl": url, "triggers": ["BOOKING_CREATED"]}
    today = datetime.now(UTC)
    monday = today + timedelta(days=14 - today.weekday())
    with start("sandbox", "--db", db, *options) as process:
        told = json.loads(read_json(process.stdout))
        with Connector(base_url=told["base_url"], api_key=told["api_key"]) as cal:
            cal.execute("CAL_POST_WEBHOOK_EVENT", hook).raise_for_error()
            booking = {
                "eventTypeId": 1,
                "start": monday.strftime("%Y-%m-%dT10:00:00Z"),
                "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "UTC"},
            }
            cal.execute("CAL_POST_NEW_BOOKING_REQUEST", booking).raise_for_error()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    with Sandbox(db) as sandbox:
        assert [one["status"] for one in sandbox.state()["webhookDeliveries"]] == [status]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_silently_with_exit_code_0(start, ending):
    with start("sandbox") as process:
        read_json(process.stdout)
        process.send_signal(ending)
        assert (process.wait(timeout=30), process.stderr.read()) == (0, b"")


def test_what_is_booked_through_the_server_is_kept_in_its_file(start, tmp_path):
    db = str(tmp_path / "cal.db")
    name = {"name": "Night", "timeZone": "UTC", "isDefault": False}
    with start("sandbox", "--db", db) as process:
        told = json.loads(read_json(process.stdout))
        with Connector(base_url=told["base_url"], api_key=told["api_key"]) as cal:
            made = cal.execute("CAL_CREATE_USER_AVAILABILITY_SCHEDULE", name).raise_for_error()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    assert told["db"] == db
    with Connector.sandbox(db) as cal:
        kept = cal.execute("CAL_FETCH_SCHEDULE_BY_ID", {"scheduleId": made.data["id"]})
        assert kept.raise_for_error().data["name"] == "Night"


def test_a_port_that_is_taken_is_wrong_usage(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        finished = run("sandbox", "--port", port)
    assert finished.returncode == 2
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in (
        finished.stderr.decode()
    )


def test_on_a_terminal_the_server_tells_how_to_reach_it(terminal):
    shown = terminal("sandbox", interrupt_at="Ctrl-C stops it.")
    assert "export CAL_API_BASE_URL=http://127.0.0.1:" in shown.text
    assert "export CAL_API_KEY=cal_sandbox_owner" in shown.text
    assert shown.code == 0


def test_a_meeting_is_booked_listed_moved_and_cancelled_from_the_shell(invoke, tmp_path):
    file = ("--sandbox", "--db", str(tmp_path / "cal.db"))

    def execute(slug, **params):
        result = invoke("execute", slug, json.dumps(params), *file)
        assert result.exit_code == 0, result.stdout
        return json.loads(result.stdout)["data"]

    first, second = (f"{next_monday():%Y-%m-%d}T{hour}:00:00Z" for hour in ("10", "11"))
    attendee = {"name": "Ada", "email": "ada@example.com", "timeZone": "UTC"}
    booked = execute("CAL_POST_NEW_BOOKING_REQUEST", start=first, eventTypeId=1, attendee=attendee)
    listed = execute("CAL_FETCH_ALL_BOOKINGS", status=["upcoming"])
    assert [one["uid"] for one in listed["items"]] == [booked["uid"]]

    moved = execute("CAL_RESCHEDULE_BOOKING_BY_UID", bookingUid=booked["uid"], start=second)
    assert moved["start"].startswith(second.removesuffix("Z"))

    cancelled = execute(
        "CAL_CANCEL_BOOKING_VIA_UID", bookingUid=moved["uid"], cancellationReason="ill"
    )
    assert cancelled["status"] == "cancelled"


def next_monday():
    today = datetime.now(UTC)
    return today + timedelta(days=7 - today.weekday())
