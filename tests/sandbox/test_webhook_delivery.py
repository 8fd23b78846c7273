"""What the sandbox tells the subscribers of webhooks, and how it is sent."""

import hashlib
import hmac
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox, app, refusals, store
from cal_actions.sandbox.seed import BUILT_IN
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.webhooks import courier, sender
from cal_actions.sandbox.webhooks.deliveries import Delivery, claim_next
from cal_actions.sandbox.webhooks.sender import is_loopback, send
from tests.sandbox.conftest import SAM, Caller, Clock
from tests.sandbox.subscriber import Subscriber, listening

START = "2026-12-01T10:00:00Z"
ATTENDEE = {"name": "Zoë", "email": "zoe@example.com", "timeZone": "America/New_York"}
EVERY_TRIGGER = [
    "BOOKING_CREATED",
    "BOOKING_REQUESTED",
    "BOOKING_RESCHEDULED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
    "BOOKING_NO_SHOW_UPDATED",
]
WORLD = {
    **BUILT_IN,
    "users": [
        *BUILT_IN["users"],
        {
            "id": 3,
            "username": "kim",
            "email": "kim@example.com",
            "apiKeys": [{"key": "cal_kim"}],
        },
        {
            "id": 4,
            "username": "mona",
            "email": "mona@example.com",
            "oAuthClientId": "cal_sandbox_client",
            "defaultScheduleId": 4,
        },
    ],
    "schedules": [
        *BUILT_IN["schedules"],
        {**BUILT_IN["schedules"][0], "id": 4, "ownerId": 4},
    ],
    "eventTypes": [
        *BUILT_IN["eventTypes"],
        {
            "id": 4,
            "ownerId": 1,
            "title": "Class",
            "slug": "class",
            "lengthInMinutes": 60,
            "seats": {
                "seatsPerTimeSlot": 3,
                "showAttendeeInfo": True,
                "showAvailabilityCount": True,
            },
        },
        {
            "id": 5,
            "ownerId": 1,
            "title": "Course",
            "slug": "course",
            "lengthInMinutes": 30,
            "recurrence": {"interval": 1, "occurrences": 3, "frequency": "weekly"},
        },
        {"id": 6, "ownerId": 4, "title": "Mona", "slug": "mona", "lengthInMinutes": 30},
    ],
}


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with listening() as found:
        yield found


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def call(sandbox: Sandbox) -> Caller:
    made = Caller(sandbox)
    made.version = "2024-08-13"
    return made


def subscribe(call: Caller, url: str, level: str = "/v2/webhooks", **changed: Any) -> str:
    hook = {"active": True, "subscriberUrl": url, "triggers": EVERY_TRIGGER, **changed}
    told = call("POST", level, hook)
    assert told.status == 201
    webhook_id: str = told.data["id"]
    return webhook_id


def book(call: Caller, event_type_id: int = 1, start: str = START, **changed: Any) -> Any:
    body = {"eventTypeId": event_type_id, "start": start, "attendee": ATTENDEE, **changed}
    told = call("POST", "/v2/bookings", body, key=None)
    assert told.status == 201
    return told.data


def deliveries(sandbox: Sandbox) -> list[dict[str, Any]]:
    sandbox.deliver_webhooks()
    return sandbox.state()["webhookDeliveries"]


def test_a_new_booking_is_told_in_cal_coms_form(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    booking = book(call, guests=["guest@example.com"], metadata={"lead": "7"})
    sandbox.deliver_webhooks()
    (event,) = subscriber.events
    assert (event["triggerEvent"], event["createdAt"]) == (
        "BOOKING_CREATED",
        "2026-11-23T08:00:00.000Z",
    )
    told = event["payload"]
    assert told["uid"] == booking["uid"]
    assert told["bookingId"] == booking["id"]
    assert (told["type"], told["eventTitle"]) == ("30min", "30 minute meeting")
    assert told["title"] == booking["title"]
    assert (told["startTime"], told["endTime"]) == (START, "2026-12-01T10:30:00Z")
    assert (told["length"], told["status"]) == (30, "ACCEPTED")
    assert told["organizer"] == {
        "id": 1,
        "name": "Sam Rivera",
        "email": "sam@example.com",
        "username": "sam",
        "timeZone": "UTC",
        "language": {"locale": "en"},
        "timeFormat": "HH:mm",
        "utcOffset": 0,
    }
    assert [one["email"] for one in told["attendees"]] == ["zoe@example.com", "guest@example.com"]
    assert told["attendees"][0]["utcOffset"] == -300
    assert told["responses"]["email"] == {
        "label": "email_address",
        "value": "zoe@example.com",
        "isHidden": False,
    }
    assert told["location"] == "integrations:daily"
    assert told["metadata"] == {
        "lead": "7",
        "videoCallUrl": f"https://app.cal.com/video/{booking['uid']}",
    }


def test_a_booking_to_be_confirmed_is_requested_then_created(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    uid = book(call, 3)["uid"]
    call("POST", f"/v2/bookings/{uid}/confirm")
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_REQUESTED", "BOOKING_CREATED"]
    payloads = [event["payload"] for event in subscriber.events]
    assert [one["status"] for one in payloads] == ["PENDING", "ACCEPTED"]
    assert payloads[0]["requiresConfirmation"] is True


def test_a_declined_booking_is_rejected_with_the_reason(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url, triggers=["BOOKING_REJECTED"])
    uid = book(call, 3)["uid"]
    call("POST", f"/v2/bookings/{uid}/decline", {"reason": "no time"})
    sandbox.deliver_webhooks()
    (event,) = subscriber.events
    assert event["triggerEvent"] == "BOOKING_REJECTED"
    assert event["payload"]["rejectionReason"] == "no time"
    assert event["payload"]["status"] == "REJECTED"


def test_a_cancelled_booking_is_told_with_the_reason(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url, triggers=["BOOKING_CANCELLED"])
    uid = book(call)["uid"]
    call("POST", f"/v2/bookings/{uid}/cancel", {"cancellationReason": "ill"}, key=None)
    sandbox.deliver_webhooks()
    (event,) = subscriber.events
    assert event["payload"]["cancellationReason"] == "ill"
    assert event["payload"]["status"] == "CANCELLED"
    assert event["payload"]["startTime"] == "2026-12-01T10:00:00+00:00"


def test_a_moved_booking_names_the_one_before(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    old = book(call)
    later = {"start": "2026-12-02T11:00:00Z"}
    new = call("POST", f"/v2/bookings/{old['uid']}/reschedule", later, key=None).data
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_CREATED", "BOOKING_RESCHEDULED"]
    told = subscriber.events[1]["payload"]
    assert told["uid"] == new["uid"]
    assert (told["rescheduleUid"], told["rescheduleId"]) == (old["uid"], old["id"])
    assert told["rescheduleStartTime"] == START
    assert told["startTime"] == "2026-12-02T11:00:00Z"


def test_a_moved_booking_to_be_confirmed_is_requested(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    uid = book(call, 3)["uid"]
    subscribe(call, subscriber.url)
    later = {"start": "2026-12-02T11:00:00Z"}
    call("POST", f"/v2/bookings/{uid}/reschedule", later, key=None)
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_REQUESTED"]


@pytest.mark.parametrize(("absent", "word"), [(True, "marked"), (False, "unmarked")])
def test_an_absent_attendee_is_told(
    call: Caller,
    sandbox: Sandbox,
    subscriber: Subscriber,
    clock: Clock,
    absent: bool,
    word: str,
) -> None:
    booking = book(call)
    subscribe(call, subscriber.url)
    clock.advance(days=20)
    body = {"attendees": [{"email": "zoe@example.com", "absent": absent}]}
    call("POST", f"/v2/bookings/{booking['uid']}/mark-absent", body)
    sandbox.deliver_webhooks()
    (event,) = subscriber.events
    assert event["triggerEvent"] == "BOOKING_NO_SHOW_UPDATED"
    assert event["payload"] == {
        "message": f"zoe@example.com {word} as no-show",
        "attendees": [{"email": "zoe@example.com", "noShow": absent}],
        "bookingUid": booking["uid"],
        "bookingId": booking["id"],
    }


def test_an_absent_host_alone_is_not_told(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, clock: Clock
) -> None:
    uid = book(call)["uid"]
    subscribe(call, subscriber.url)
    clock.advance(days=20)
    assert call("POST", f"/v2/bookings/{uid}/mark-absent", {"host": True}).status == 200
    assert deliveries(sandbox) == []


def test_every_occurrence_of_a_series_is_created(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    uids = [one["uid"] for one in book(call, 5)]
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_CREATED"] * 3
    assert [event["payload"]["uid"] for event in subscriber.events] == uids


def test_a_series_is_cancelled_once(call: Caller, sandbox: Sandbox, subscriber: Subscriber) -> None:
    series = book(call, 5)
    subscribe(call, subscriber.url)
    target = f"/v2/bookings/{series[0]['recurringBookingUid']}/cancel"
    call("POST", target, {"cancellationReason": "ill"}, key=None)
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_CANCELLED"]
    assert subscriber.events[0]["payload"]["uid"] == series[0]["uid"]


def test_seats_are_told_as_they_are_taken_moved_and_given_up(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    first = book(call, 4)
    second = book(call, 4, attendee={**ATTENDEE, "email": "ann@example.com"})
    left = {"cancellationReason": "ill", "seatUid": first["seatUid"]}
    call("POST", f"/v2/bookings/{first['uid']}/cancel", left, key=None)
    moved = {"start": "2026-12-02T11:00:00Z", "seatUid": second["seatUid"]}
    call("POST", f"/v2/bookings/{second['uid']}/reschedule", moved, key=None)
    sandbox.deliver_webhooks()
    assert subscriber.triggers == [
        "BOOKING_CREATED",
        "BOOKING_CREATED",
        "BOOKING_CANCELLED",
        "BOOKING_RESCHEDULED",
    ]
    told = [event["payload"] for event in subscriber.events]
    assert [len(one["attendees"]) for one in told] == [1, 2, 1, 1]
    assert told[0]["seatsPerTimeSlot"] == 3
    assert told[2]["cancellationReason"] == "ill"


@pytest.mark.parametrize(
    ("level", "key", "event_type_id"),
    [
        ("/v2/webhooks", SAM, 1),
        ("/v2/event-types/1/webhooks", SAM, 1),
        ("/v2/organizations/1/webhooks", SAM, 1),
        ("/v2/oauth-clients/cal_sandbox_client/webhooks", None, 6),
    ],
)
def test_the_webhooks_of_every_level_hear_of_a_booking(
    call: Caller,
    sandbox: Sandbox,
    subscriber: Subscriber,
    level: str,
    key: str | None,
    event_type_id: int,
) -> None:
    headers = {"x-cal-client-id": "cal_sandbox_client", "x-cal-secret-key": "cal_sandbox_secret"}
    hook = {"active": True, "subscriberUrl": subscriber.url, "triggers": EVERY_TRIGGER}
    call("POST", level, hook, key=key, headers={} if key else headers)
    book(call, event_type_id)
    sandbox.deliver_webhooks()
    assert subscriber.triggers == ["BOOKING_CREATED"]


def test_a_teams_webhooks_hear_of_the_bookings_of_its_event_types(
    clock: Clock, subscriber: Subscriber
) -> None:
    hook = {"active": True, "subscriberUrl": subscriber.url, "triggers": EVERY_TRIGGER}
    hooks = [
        {**hook, "id": "of-team", "teamId": 3},
        {**hook, "id": "of-another-team", "teamId": 2},
        {**hook, "id": "of-organization", "teamId": 1},
    ]
    help_desk = {
        "id": 9,
        "teamId": 3,
        "schedulingType": "collective",
        "title": "Help",
        "slug": "help",
        "lengthInMinutes": 30,
        "hosts": [{"userId": 2}, {"userId": 1}],
    }
    memberships = [one for one in WORLD["memberships"] if one["teamId"] != 2]
    world = {
        **WORLD,
        "webhooks": hooks,
        "memberships": memberships,
        "eventTypes": [*WORLD["eventTypes"], help_desk],
    }
    with Sandbox(now=clock, world=world) as sandbox:
        call = Caller(sandbox)
        call.version = "2024-08-13"
        book(call, 9)
        sent = deliveries(sandbox)
    assert [one["webhookId"] for one in sent] == ["of-team", "of-organization"]
    told = sent[0]["payload"]
    assert told["organizer"]["username"] == "robin"
    assert [one["email"] for one in told["attendees"]] == ["zoe@example.com"]
    assert told["team"]["name"] == "Support"
    assert [one["email"] for one in told["team"]["members"]] == ["sam@example.com"]


@pytest.mark.parametrize(
    "changed", [{"active": False}, {"triggers": ["BOOKING_CANCELLED", "MEETING_ENDED"]}]
)
def test_a_webhook_that_is_off_or_waits_for_something_else_is_not_told(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, changed: dict[str, Any]
) -> None:
    subscribe(call, subscriber.url, **changed)
    book(call)
    assert deliveries(sandbox) == []


def test_the_webhooks_of_others_are_not_told(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    hook = {"active": True, "subscriberUrl": subscriber.url, "triggers": EVERY_TRIGGER}
    call("POST", "/v2/webhooks", hook, key="cal_kim")
    subscribe(call, subscriber.url, "/v2/event-types/2/webhooks")
    book(call)
    assert deliveries(sandbox) == []


def test_a_refused_booking_is_not_told(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    book(call)
    subscribe(call, subscriber.url)
    body = {"eventTypeId": 1, "start": START, "attendee": ATTENDEE}
    assert call("POST", "/v2/bookings", body).status == 400
    assert deliveries(sandbox) == []


def test_a_series_that_is_refused_halfway_is_not_told(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    book(call, 5, start="2026-12-22T10:00:00Z")
    subscribe(call, subscriber.url)
    body = {"eventTypeId": 5, "start": "2026-12-08T10:00:00Z", "attendee": ATTENDEE}
    assert call("POST", "/v2/bookings", body).status == 400
    assert deliveries(sandbox) == []


def test_what_was_announced_is_rolled_back_with_its_request(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Store) -> bool:
        raise refusals.bad_request("too late")

    subscribe(call, subscriber.url)
    monkeypatch.setattr(app, "any_pending", refuse)
    body = {"eventTypeId": 1, "start": START, "attendee": ATTENDEE}
    assert call("POST", "/v2/bookings", body).error["message"] == "too late"
    monkeypatch.undo()
    assert deliveries(sandbox) == []


def test_the_body_is_signed_with_the_secret(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url, secret="s3cret")
    book(call)
    sandbox.deliver_webhooks()
    ((path, headers, body),) = subscriber.requests
    assert path == "/hook"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Cal-Signature-256"] == hmac.digest(b"s3cret", body, hashlib.sha256).hex()


def test_without_a_secret_the_signature_says_so(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    book(call)
    sandbox.deliver_webhooks()
    ((_, headers, _),) = subscriber.requests
    assert headers["X-Cal-Signature-256"] == "no-secret-provided"


def test_a_template_takes_the_place_of_the_body(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    template = {
        "text": "{{triggerEvent}}: {{ title }}",
        "booker": ["{{attendees.0.name}}", "{{attendees.9.name}}", "{{nothing.here}}"],
        "length": "{{length}}",
        "language": "{{organizer.language}}",
        "fixed": 7,
    }
    subscribe(call, subscriber.url, payloadTemplate=json.dumps(template))
    book(call)
    sandbox.deliver_webhooks()
    assert subscriber.events == [
        {
            "text": "BOOKING_CREATED: 30 minute meeting between Sam Rivera and Zoë",
            "booker": ["Zoë", "", ""],
            "length": "30",
            "language": '{"locale":"en"}',
            "fixed": 7,
        }
    ]


def test_what_a_booker_writes_cannot_break_a_json_template(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url, payloadTemplate='{"name": "{{attendees.0.name}}"}')
    name = 'Zoë", "admin": "{{uid}}'
    book(call, attendee={**ATTENDEE, "name": name})
    sandbox.deliver_webhooks()
    assert subscriber.events == [{"name": name}]


@pytest.mark.parametrize(
    ("template", "body"),
    [("type={{type}}", b"type=30min"), ("[" * 5000 + "{{{type}}}", b"[" * 5000 + b"30min")],
)
def test_a_template_that_is_no_json_is_sent_as_a_form(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, template: str, body: bytes
) -> None:
    subscribe(call, subscriber.url, payloadTemplate=template)
    book(call)
    sandbox.deliver_webhooks()
    ((_, headers, sent),) = subscriber.requests
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent == body


def test_a_place_that_no_list_has_is_empty_in_a_template(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    places = ("9" * 5000, "²")
    template = {"booker": [f"{{{{attendees.{place}.name}}}}" for place in places]}
    subscribe(call, subscriber.url, payloadTemplate=json.dumps(template))
    book(call)
    sandbox.deliver_webhooks()
    assert subscriber.events == [{"booker": ["", ""]}]


def test_a_delivery_is_part_of_the_state(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    webhook_id = subscribe(call, subscriber.url)
    uid = book(call)["uid"]
    (delivery,) = deliveries(sandbox)
    assert (
        delivery.items()
        >= {
            "webhookId": webhook_id,
            "triggerEvent": "BOOKING_CREATED",
            "subscriberUrl": subscriber.url,
            "createdAt": "2026-11-23T08:00:00.000Z",
            "status": "delivered",
            "responseStatus": 200,
        }.items()
    )
    assert delivery["payload"]["uid"] == uid


def test_what_was_sent_is_not_forgotten_with_its_webhook(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    webhook_id = subscribe(call, subscriber.url)
    book(call)
    call("DELETE", f"/v2/webhooks/{webhook_id}")
    assert [one["status"] for one in deliveries(sandbox)] == ["delivered"]


def test_a_world_with_deliveries_can_be_started_from(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    book(call)
    sandbox.deliver_webhooks()
    state = sandbox.state()
    with Sandbox(world=state) as copy:
        copy.deliver_webhooks()
        assert copy.state() == state
    assert len(subscriber.requests) == 1


def test_a_reset_forgets_what_was_sent(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    book(call)
    sandbox.deliver_webhooks()
    sandbox.reset()
    assert deliveries(sandbox) == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_answer_but_2xx_is_a_failure(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, status: int
) -> None:
    subscriber.status, subscriber.headers = status, {"Location": subscriber.url}
    subscribe(call, subscriber.url)
    book(call)
    (delivery,) = deliveries(sandbox)
    assert (delivery["status"], delivery["responseStatus"]) == ("failed", status)
    assert len(subscriber.requests) == 1


@pytest.mark.parametrize(
    "rest", ["127.0.0.1:1/nobody", "127.0.0.1:99999/", "127.0.0.1:x/", "[::1", "localhost:1/\u0085"]
)
def test_a_subscriber_that_cannot_be_reached_is_a_failure(
    call: Caller, sandbox: Sandbox, rest: str
) -> None:
    subscribe(call, f"http://{rest}")
    book(call)
    (delivery,) = deliveries(sandbox)
    assert (delivery["status"], delivery["responseStatus"]) == ("failed", None)


def test_a_failure_does_not_hold_up_the_next(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, "http://127.0.0.1:1/nobody")
    subscribe(call, subscriber.url)
    book(call)
    assert [one["status"] for one in deliveries(sandbox)] == ["failed", "delivered"]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a",
        "http://10.0.0.1/",
        "http://127.0.0.1@10.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "nonsense",
        "",
    ],
)
def test_nothing_is_sent_elsewhere(call: Caller, sandbox: Sandbox, url: str) -> None:
    subscribe(call, url)
    book(call)
    (delivery,) = deliveries(sandbox)
    assert (delivery["status"], delivery["responseStatus"]) == ("not sent", None)


def test_a_sandbox_may_be_allowed_to_send_elsewhere(clock: Clock) -> None:
    with listening("0.0.0.0") as subscriber:
        url = subscriber.url.replace("127.0.0.1", "0.0.0.0")
        with Sandbox(now=clock, world=WORLD, allow_remote_webhooks=True) as sandbox:
            call = Caller(sandbox)
            call.version = "2024-08-13"
            subscribe(call, url)
            subscribe(call, "ftp://0.0.0.0/")
            subscribe(call, "http:///nowhere")
            book(call)
            statuses = [one["status"] for one in deliveries(sandbox)]
            assert statuses == ["delivered", "not sent", "not sent"]
        assert subscriber.triggers == ["BOOKING_CREATED"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.8.7", "::1", "0:0:0:0:0:0:0:1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0",
        "128.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "localhost.example.com",
        "::ffff:127.0.0.1",
        "::",
    ],
)
def test_any_other_name_is_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_path_and_query_arrive_as_they_stand_in_the_url(subscriber: Subscriber) -> None:
    url = f"{subscriber.url}/a%2Fb/ä?x=1&y=%20#here"
    send(Delivery(1, url, {}, b"{}"), allow_remote=False)
    assert subscriber.requests[0][0] == "/hook/a%2Fb/%C3%A4?x=1&y=%20"


def test_events_arrive_in_their_order(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    uids = [book(call, start=f"2026-12-01T{hour}:00:00Z")["uid"] for hour in range(10, 16)]
    sandbox.deliver_webhooks()
    assert [event["payload"]["uid"] for event in subscriber.events] == uids


def test_a_request_does_not_wait_for_the_subscriber(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscriber.may_answer.clear()
    subscribe(call, subscriber.url)
    book(call)
    assert call("GET", "/v2/webhooks").status == 200
    with pytest.raises(TimeoutError, match="still being sent"):
        sandbox.deliver_webhooks(0.05)
    subscriber.may_answer.set()
    assert [one["status"] for one in deliveries(sandbox)] == ["delivered"]


def test_without_a_subscriber_there_is_no_thread(call: Caller, sandbox: Sandbox) -> None:
    before = set(threading.enumerate())
    book(call)
    sandbox.deliver_webhooks()
    assert set(threading.enumerate()) <= before


def test_closing_gives_what_is_due_a_moment(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber
) -> None:
    subscribe(call, subscriber.url)
    book(call)
    sandbox.close()
    assert subscriber.triggers == ["BOOKING_CREATED"]


def test_closing_does_not_wait_for_ever(
    subscriber: Subscriber, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "CLOSING_SECONDS", 0.2)
    subscriber.may_answer.clear()
    with Sandbox(tmp_path / "cal.db", now=clock, world=WORLD) as sandbox:
        call = Caller(sandbox)
        call.version = "2024-08-13"
        subscribe(call, subscriber.url)
        for hour in (10, 11):
            book(call, start=f"2026-12-01T{hour}:00:00Z")
        assert subscriber.was_asked.wait(30)
    store = Store(tmp_path / "cal.db")
    statuses = store.all("SELECT status FROM webhook_deliveries ORDER BY id")
    store.close()
    assert [row["status"] for row in statuses] == ["failed", "pending"]


def pending(url: str) -> dict[str, Any]:
    return {
        "webhook_id": "gone",
        "trigger_event": "BOOKING_CREATED",
        "subscriber_url": url,
        "payload": {},
        "headers": {"Content-Type": "application/json"},
        "body": '{"triggerEvent":"BOOKING_CREATED"}',
        "created_at": "2026-11-23T08:00:00.000Z",
    }


def test_what_a_killed_process_left_is_sent_when_the_file_is_opened(
    subscriber: Subscriber, tmp_path: Path
) -> None:
    Sandbox(tmp_path / "cal.db").close()
    store = Store(tmp_path / "cal.db")
    with store.transaction(writes=True):
        store.insert("webhook_deliveries", **pending(subscriber.url))
    store.close()
    with Sandbox(tmp_path / "cal.db") as sandbox:
        assert [one["status"] for one in deliveries(sandbox)] == ["delivered"]
    assert subscriber.triggers == ["BOOKING_CREATED"]


def test_a_delivery_is_given_to_one_process_only(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "cal.db"), Store(tmp_path / "cal.db")
    with one.transaction(writes=True):
        one.insert("webhook_deliveries", **pending("http://127.0.0.1:1/"))
        assert claim_next(one) is not None
    with other.transaction(writes=True):
        assert claim_next(other) is None
    one.close()
    other.close()


def test_sandboxes_that_share_a_file_send_everything_once(
    subscriber: Subscriber, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "cal.db"
    with Sandbox(path, now=clock, world=WORLD) as one, Sandbox(path, now=clock) as other:
        callers = [Caller(one), Caller(other)]
        subscribe(callers[0], subscriber.url)
        uids = []
        for hour in range(9, 17):
            call = callers[hour % 2]
            call.version = "2024-08-13"
            uids.append(book(call, start=f"2026-12-01T{hour:02}:00:00Z")["uid"])
        one.deliver_webhooks()
        other.deliver_webhooks()
    assert sorted(event["payload"]["uid"] for event in subscriber.events) == sorted(uids)


def test_a_subscriber_that_never_answers_is_given_up(
    call: Caller, sandbox: Sandbox, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TIMEOUT_SECONDS", 0.05)
    subscriber.may_answer.clear()
    subscribe(call, subscriber.url)
    book(call)
    (delivery,) = deliveries(sandbox)
    assert (delivery["status"], delivery["responseStatus"]) == ("failed", None)


def test_a_locked_file_does_not_end_the_sending(
    subscriber: Subscriber, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_TIMEOUT_SECONDS", 0.01)
    file = tmp_path / "cal.db"
    subscriber.may_answer.clear()
    with Sandbox(file, now=clock) as sandbox, closing(sqlite3.connect(file)) as other:
        call = Caller(sandbox)
        call.version = "2024-08-13"
        subscribe(call, subscriber.url)
        book(call)
        assert subscriber.was_asked.wait(30)
        other.execute("BEGIN IMMEDIATE")
        subscriber.may_answer.set()
        sandbox.deliver_webhooks()
        other.rollback()
        book(call, start="2026-12-01T11:00:00Z")
        assert [one["status"] for one in deliveries(sandbox)] == ["sending", "delivered"]
