"""Event types in a world, in the words of POST /v2/event-types.

Those of a team say `teamId`, `schedulingType` and `hosts`. A managed one has no `hosts`: each of
its hosts is the `ownerId` of an event type of the world that names it as `parentId`.
"""

from cal_actions.sandbox.event_types.settings import SETTINGS, settings_from
from cal_actions.sandbox.worlds import Kind, register

register(
    Kind(
        "eventTypes",
        "event_types",
        renamed={"ownerId": "user_id"},
        rest="settings",
        rest_words=SETTINGS,
        read_rest=settings_from,
        nested={
            "hosts": (
                Kind("hosts", "event_type_hosts", kept_out=frozenset({"event_type_id"})),
                "event_type_id",
            )
        },
    )
)
