"""Phone calls in a world: who asked for them, from which number, to which, with which words."""

from cal_actions.sandbox.worlds import Kind, register

register(Kind("phoneCalls", "phone_calls", kept_out=frozenset({"number"})))
