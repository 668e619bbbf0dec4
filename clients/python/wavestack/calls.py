"""Calls to the services: the address, who calls, the body, and one more try with a new token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

from .addresses import Addresses
from .errors import UnauthorizedError
from .reading import Fields, parse
from .retrying import Deadline
from .sending import Sender
from .tokens import Tokens
from .transport import Request

Service = Literal["core", "clipper", "thumbnail"]


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask of which service. What is None in `query` and `body` is left out.

    `repeatable` says that calling twice does what calling once does, `gone_is_done` that a 404 to the second of two
    calls is what the first brought about, `timeout_sec` how long it may take where that is not as usual.
    """

    service: Service
    method: str
    path: str
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    repeatable: bool = False
    gone_is_done: bool = False
    timeout_sec: float | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls for an organisation."""

    sender: Sender
    addresses: Addresses
    tokens: Tokens
    org_id: str
    timeout_sec: float

    async def call(self, call: Call, *, deadline: Deadline | None = None) -> Fields:
        """Makes a call and returns the object that is answered."""
        url = self.url(call)
        content = None if call.body is None else json.dumps(present(call.body), allow_nan=False).encode()
        for is_last in (not self.tokens.renewable, True):
            token = await self.tokens.get()
            try:
                answer = await self.sender.send(
                    Request(call.method, url, self.headers(token, content is not None), content),
                    timeout_sec=call.timeout_sec or self.timeout_sec,
                    repeatable=call.repeatable,
                    gone_is_done=call.gone_is_done,
                    deadline=deadline,
                )
            except UnauthorizedError:
                if is_last:
                    raise
                await self.tokens.discard(token)
            else:
                return parse(answer.body)
        raise AssertionError("the last attempt returns or raises")

    def url(self, call: Call) -> str:
        """Raises ValueError where the service's address is not known."""
        base: str = getattr(self.addresses, call.service)
        if not base:
            raise ValueError(f"the base URL does not say where the {call.service} is: give {call.service}_url")
        query = urlencode(present(call.query))
        return f"{base}{call.path}?{query}" if query else f"{base}{call.path}"

    def headers(self, token: str, has_body: bool = False) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}", "X-Org-Id": self.org_id, "Accept": "application/json"}
        return {**headers, "Content-Type": "application/json"} if has_body else headers


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def segment(value: str) -> str:
    """Returns an id as one segment of a path. Raises ValueError for what cannot be one."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot be an id")
    return quote(value, safe="")


def moment(value: datetime | None) -> str | None:
    """Writes a moment. Raises ValueError for one that does not say which time zone it is in."""
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} does not say its time zone")
    return None if value is None else value.isoformat()
