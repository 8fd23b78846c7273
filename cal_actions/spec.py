"""ActionSpec: one action file, frozen and typed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any, Literal

    Effect = Literal["read", "write", "destructive"]
    Scheme = Literal["user", "oauth_client", "none"]
    Schema = dict[str, Any]

METHODS_WITH_BODY = ("POST", "PATCH", "PUT")


class ActionSpec:
    """One action: what an agent may send, and the Cal.com request that it becomes.

    `effect` says what a call does, `idempotent` whether a second one changes nothing more.
    `version` is the cal-api-version header, where the endpoint reads it. `auth` lists the
    credentials that Cal.com takes, best first; `none` among them means that the endpoint
    also answers without. `additions` are the parameters beyond the contract, `wire` what
    differs from the default placement. `redirects` says that success is an HTTP redirect,
    whose target becomes `data`; `flow` names the few lines in `cal_actions.flows` of an
    action that needs two calls. `lookup` names the action that shows whether this one took
    effect, "none" where none does; None leaves it to the paths. `keywords` are other words for
    it by language, for search only. `input` and `output` are the schemas themselves, not to be
    changed; `input_schema` and `output_schema` give copies.
    """

    slug: str
    title: str
    description: str
    resource: str
    effect: Effect
    idempotent: bool
    method: str
    path: str
    version: str | None
    auth: tuple[Scheme, ...]
    input: Schema
    output: Schema
    additions: tuple[str, ...]
    wire: Mapping[str, Mapping[str, Any]]
    redirects: bool
    flow: str | None
    lookup: str | None
    keywords: Mapping[str, list[str]]

    # Written out rather than a dataclass: importing those takes as long as reading the
    # whole compiled catalogue.
    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the content of an action file that is known to be right."""
        request = document["request"]
        self.__dict__.update(
            slug=document["slug"],
            title=document["title"],
            description=document["description"],
            resource=document["resource"],
            effect=document["effect"],
            idempotent=document["idempotent"],
            method=request["method"],
            path=request["path"],
            version=request.get("version"),
            auth=tuple(request["auth"]),
            input=document["input"],
            output=document["output"],
            additions=tuple(document.get("additions", ())),
            wire=document.get("wire", {}),
            redirects=document.get("response") == "redirect",
            flow=document.get("flow"),
            lookup=document.get("lookup"),
            keywords=document.get("keywords", {}),
        )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an ActionSpec is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an ActionSpec is frozen: {name} cannot be deleted")

    def __repr__(self) -> str:
        return f"<ActionSpec {self.slug}: {self.method} {self.path}>"

    def without(self, names: Collection[str]) -> ActionSpec:
        """Return the action as it is offered to a caller who need not give these parameters."""
        if not names:
            return self
        schema = self.input_schema
        schema["properties"] = {
            name: value for name, value in schema["properties"].items() if name not in names
        }
        schema["required"] = [name for name in schema.get("required", ()) if name not in names]
        offered = ActionSpec.__new__(ActionSpec)
        offered.__dict__.update(self.__dict__, input=schema)
        return offered

    @property
    def input_schema(self) -> Schema:
        """JSON Schema 2020-12 of the parameters: a fresh copy, yours to change."""
        schema: Schema = copied(self.input)
        return schema

    @property
    def output_schema(self) -> Schema:
        """JSON Schema of `data` on success, loose: a fresh copy, yours to change."""
        schema: Schema = copied(self.output)
        return schema


def copied(value: Any) -> Any:
    """Copy nested dicts and lists, in a fraction of the time of `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value
