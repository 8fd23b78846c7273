"""Act on Cal.com by naming an action; the answer is always `{data, error, successful}`.

>>> from cal_actions import Connector
>>> with Connector.sandbox() as cal:
...     me = cal.execute("CAL_RETRIEVE_MY_INFORMATION")
>>> me.successful, me.data["timeZone"]
(True, 'UTC')

`Connector.sandbox()` is an embedded Cal.com to practise against. With a real key, from
`Connector(api_key=…)` or the variable CAL_API_KEY, the same call reaches Cal.com.
"""

from cal_actions.catalog import Catalog, catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cal_actions import schemas
    from cal_actions.async_connector import AsyncConnector
    from cal_actions.connector import Connector
    from cal_actions.default import aexecute, execute
    from cal_actions.envelope import Envelope
    from cal_actions.errors import ActionError, CalActionsError, ConnectorClosed, SpecError
    from cal_actions.spec import ActionSpec

__version__ = "0.1.0"

__all__ = [
    "ActionError",
    "ActionSpec",
    "AsyncConnector",
    "CalActionsError",
    "Catalog",
    "Connector",
    "ConnectorClosed",
    "Envelope",
    "SpecError",
    "aexecute",
    "catalog",
    "execute",
    "schemas",
]

_HOMES = {
    "ActionError": "errors",
    "ActionSpec": "spec",
    "AsyncConnector": "async_connector",
    "CalActionsError": "errors",
    "Connector": "connector",
    "ConnectorClosed": "errors",
    "Envelope": "envelope",
    "SpecError": "errors",
    "aexecute": "default",
    "execute": "default",
}


def __getattr__(name: str) -> object:
    # Loaded at first use: httpx, pydantic and jsonschema cost ten times this import.
    from importlib import import_module

    if name == "schemas":
        return import_module("cal_actions.schemas")
    if name in _HOMES:
        found: object = getattr(import_module(f"cal_actions.{_HOMES[name]}"), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'cal_actions' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
