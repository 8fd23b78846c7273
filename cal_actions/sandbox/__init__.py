"""A Cal.com to practise against: in-process, stateful, without network and without key.

>>> from cal_actions.sandbox import Sandbox
>>> with Sandbox() as sandbox:
...     headers = {"Authorization": f"Bearer {sandbox.api_key}"}
...     sandbox.handle("GET", "/v2/me", headers, b"").status
200
"""

from cal_actions.sandbox.app import Sandbox
from cal_actions.sandbox.exchange import Reply
from cal_actions.sandbox.injection import ConnectionDropped
from cal_actions.sandbox.worlds import WorldError

__all__ = ["ConnectionDropped", "Reply", "Sandbox", "WorldError"]
