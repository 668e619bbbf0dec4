"""Where callers find the files that answers name."""

from __future__ import annotations

from dataclasses import dataclass

from reelops.surfaces.context import Context


@dataclass(frozen=True, slots=True)
class Urls:
    """The address of a surface: as it is configured, or as the caller wrote it, or as it is on this machine."""

    configured: str
    local: str

    def base(self, context: Context) -> str:
        """Returns the address without a slash at its end."""
        if self.configured:
            return self.configured.rstrip("/")
        for key, value in context.invocation_metadata() or ():
            if key == "x-edge-base" and value:
                return str(value)
        return self.local
