"""The one guarded way to files behind URLs that callers hand in."""

from reelops.infra.fetching.connecting import Resolver
from reelops.infra.fetching.fetcher import Fetched, Fetcher
from reelops.infra.fetching.policy import VIDEO_TYPES, FetchPolicy

__all__ = ["VIDEO_TYPES", "FetchPolicy", "Fetched", "Fetcher", "Resolver"]
