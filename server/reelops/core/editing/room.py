"""Room on the disk while something is written there by others than ourselves."""

from __future__ import annotations

import time

from reelops import errors
from reelops.infra.blobs import Staging

_EVERY_SEC = 0.2


class RoomWatch:
    """Looks now and then, from the thread that writes, whether there is room left in staging."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._next = 0.0
        self._is_short = False

    def is_short(self) -> bool:
        """Says whether what others need would be taken; once so, always so."""
        now = time.monotonic()
        if not self._is_short and now >= self._next:
            self._next = now + _EVERY_SEC
            self._is_short = not self._staging.has_room()
        return self._is_short

    def check(self) -> None:
        """Raises `Unavailable("STORAGE_FULL")` where it was short."""
        if self._is_short:
            raise errors.Unavailable("STORAGE_FULL", "there is no space left to store files")
