"""Attributes in a world, each with its options, and which member was given which option."""

from cal_actions.sandbox.worlds import Kind, register

_NUMBER = frozenset({"number"})
ATTRIBUTE_OPTIONS = Kind("options", "attribute_options", kept_out=_NUMBER | {"attribute_id"})
register(
    Kind(
        "attributes",
        "attributes",
        nested={"options": (ATTRIBUTE_OPTIONS, "attribute_id")},
        kept_out=_NUMBER,
    )
)
register(Kind("attributeAssignments", "attribute_assignments", kept_out=_NUMBER))
