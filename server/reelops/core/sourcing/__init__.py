"""Where media comes from when a caller names it: the web, the library, or a folder of one's own."""

from reelops.core.sourcing.model import SourceKind, SourceRef
from reelops.core.sourcing.service import OpenAsset, Sources

__all__ = ["OpenAsset", "SourceKind", "SourceRef", "Sources"]
