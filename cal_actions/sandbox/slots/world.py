"""Reserved slots in a world."""

from cal_actions.sandbox.worlds import Kind, register

register(
    Kind(
        "slotReservations",
        "slot_reservations",
        renamed={"hostId": "user_id", "start": "starts_at", "end": "ends_at"},
    )
)
