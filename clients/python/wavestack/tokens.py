"""Tokens: the one that the caller has, or those that a client's id and secret are exchanged for."""

from __future__ import annotations

import json
import time

from .reading import parse
from .sending import Sender
from .transport import Request

_EARLY_SEC = 60.0


class Tokens:
    """Has a token whenever one is needed.

    `api_key` is a token, or `client_id:client_secret`, which is exchanged for tokens at `core_url`: for the first call,
    before one expires, and when the service no longer takes one. Callers at the same time share one exchange.
    """

    def __init__(self, sender: Sender, *, core_url: str, api_key: str, org_id: str, timeout_sec: float) -> None:
        self._sender = sender
        self._url = f"{core_url}/api/auth/token"
        self._timeout_sec = timeout_sec
        client_id, colon, secret = api_key.partition(":")
        self.renewable = bool(colon)
        self._credentials = {"client_id": client_id, "client_secret": secret, "org_id": org_id}
        self._token = "" if colon else api_key
        self._stale_at = 0.0
        self._lock = sender.transport.lock()

    async def get(self) -> str:
        """Returns a token that is good for a while. Raises what the exchange of credentials raises."""
        if not self.renewable:
            return self._token
        async with self._lock:
            if not self._token or time.monotonic() >= self._stale_at:
                await self._exchange()
            return self._token

    async def discard(self, token: str) -> None:
        """Forgets a token that the service did not take."""
        async with self._lock:
            if self._token == token:
                self._token = ""

    async def _exchange(self) -> None:
        request = Request(
            "POST", self._url, {"Content-Type": "application/json"}, json.dumps(self._credentials).encode()
        )
        asked_at = time.monotonic()
        answer = await self._sender.send(request, timeout_sec=self._timeout_sec, repeatable=True)
        fields = parse(answer.body)
        lifetime = fields.number("expires_in")
        self._token = fields.text("access_token")
        # A token that lives shorter than the margin is used for half of its life.
        self._stale_at = asked_at + max(lifetime - _EARLY_SEC, lifetime / 2)
