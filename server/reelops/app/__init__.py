"""The composition root: the only place that knows every part. One module per surface, and what they share."""

from reelops.app.core import Core, open_core, prepare
from reelops.app.serving import serve
from reelops.app.working import work

__all__ = ["Core", "open_core", "prepare", "serve", "work"]
