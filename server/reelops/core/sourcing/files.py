"""Files below the media root: the only local files that callers may name."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath

from reelops import errors
from reelops.core.sourcing.model import invalid


def locate(source: str, root: Path | None) -> Path:
    """Finds a regular file below the root and returns its path with every link followed; blocking.

    Raises `Invalid` with SOURCE_REFUSED for what is outside, whether or not it exists, and SOURCE_NOT_FOUND.
    """
    if root is None:
        sentence = "files are not taken here: nobody has set REELOPS_MEDIA_ROOT, the folder that they have to be in"
        raise invalid(sentence, code="SOURCE_REFUSED")
    named = PurePosixPath(source)
    if ".." in named.parts:
        raise invalid("the source must not climb with `..`", code="SOURCE_REFUSED")
    try:
        base = root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise errors.Unavailable("MEDIA_ROOT_MISSING", "the media root is not there") from None
    if named.is_absolute() and not (named.is_relative_to(base) or named.is_relative_to(root.absolute())):
        raise _outside()
    return _regular(base / named, base)


def _regular(path: Path, base: Path) -> Path:
    try:
        # Links are followed as far as there is something, and what is outside is refused before it is looked at.
        found = path.resolve()
        if not found.is_relative_to(base):
            raise _outside()
        mode = found.stat().st_mode
    except (OSError, ValueError, RuntimeError):
        raise invalid(
            "there is no such file below the media root", code="SOURCE_NOT_FOUND", constraint="exists"
        ) from None
    if not stat.S_ISREG(mode):
        raise invalid("the source is not a file", code="SOURCE_REFUSED")
    return found


def _outside() -> errors.Invalid:
    return invalid("the file is not below the media root", code="SOURCE_REFUSED")
