"""What a call came to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cal_actions.envelope import Envelope
    from cal_actions.spec import ActionSpec


class Page(NamedTuple):
    """The envelope of a call as Cal.com's answer makes it, and as the policy has it shown.

    `sent` are the params of the request; `spec` is None where nothing was sent.
    """

    told: Envelope
    shown: Envelope
    spec: ActionSpec | None = None
    sent: Mapping[str, Any] = MappingProxyType({})
