"""A call's context that adds headers of ours to whatever the servicer answers."""

from __future__ import annotations

from typing import Any

from reelops.surfaces.context import Context

Headers = tuple[tuple[str, str], ...]


class Answer:
    """Stands before a call's context: headers go into the initial metadata of answers and the trailing one of errors.

    They are sent no earlier than the servicer's own, as an error after initial metadata is lost at the edge.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._begun = False
        self.headers: Headers = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def begin(self) -> None:
        """Sends the headers where nothing has been sent yet."""
        if not self._begun and self.headers:
            await self.send_initial_metadata(())

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        """Sends a servicer's headers with ours."""
        self._begun = True
        await self._context.send_initial_metadata((*initial_metadata, *self.headers))

    async def abort(self, code: Any, details: str = "", trailing_metadata: Any = ()) -> None:
        """Ends the call with an error."""
        await self._context.abort(code, details, (*trailing_metadata, *self.headers))
