"""Bookings in a world, with their attendees."""

from cal_actions.sandbox.worlds import Kind, register

ATTENDEES = Kind("attendees", "attendees", kept_out=frozenset({"booking_id"}))
register(
    Kind(
        "bookings",
        "bookings",
        renamed={
            "hostId": "user_id",
            "start": "starts_at",
            "end": "ends_at",
            "bookingFieldsResponses": "responses",
        },
        nested={"attendees": (ATTENDEES, "booking_id")},
    )
)
