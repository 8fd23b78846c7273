"""Webhooks in a world; exactly one of their four owners is named. And what was sent to them."""

from cal_actions.sandbox.worlds import Kind, register

register(
    Kind(
        "webhooks",
        "webhooks",
        renamed={"oAuthClientId": "oauth_client_id"},
        kept_out=frozenset({"number"}),
    )
)
register(Kind("webhookDeliveries", "webhook_deliveries"))
