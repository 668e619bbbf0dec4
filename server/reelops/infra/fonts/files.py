"""Where the typefaces lie: in packages that are installed with the service, never on the network."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from reelops.infra.fonts.clusters import visible

# The package, and the file in it; a package without one is a module that carries the font's bytes.
_FILES: dict[str, tuple[str, str | None]] = {
    "NotoSans": ("pymupdf_fonts.NotoSans_Regular", None),
    "NotoSans-Bold": ("pymupdf_fonts.NotoSans_Bold", None),
    "FiraGO": ("pymupdf_fonts.FiraGO_Regular", None),
    "FiraGO-Bold": ("pymupdf_fonts.FiraGO_Bold", None),
    "NotoSansCJK": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
    "NotoSansSymbols2": ("pymupdf_fonts.NotoSansSymbols2_Regular", None),
    "NotoSansSymbols": ("pymupdf_fonts.NotoSansSymbols_Regular", None),
    "NotoSansMath": ("pymupdf_fonts.NotoSansMath_Regular", None),
    "Anton": ("fontpkg_anton", "files/Anton-Regular.ttf"),
    "Caveat": ("fontpkg_caveat", "files/Caveat[wght].ttf"),
    "Fredoka": ("fontpkg_fredoka", "files/Fredoka[wdth,wght].ttf"),
    "Montserrat": ("fontpkg_montserrat", "files/Montserrat[wght].ttf"),
}

COLOURED = "NotoColorEmoji"
"""The face of coloured emoji. No package carries it; systems do, and where one does its emoji are used."""

_COLOURED_PLACES = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto-emoji/NotoColorEmoji.ttf",
    "/usr/local/share/fonts/NotoColorEmoji.ttf",
)


@cache
def source(name: str) -> Path | bytes | None:
    """Finds a face: its path or its bytes, none when the system does not have it."""
    if name == COLOURED:
        return next((path for path in map(Path, _COLOURED_PLACES) if path.is_file()), None)
    module, resource = _FILES[name]
    if resource is None:
        return bytes(importlib.import_module(module).fontbuffer)
    return Path(str(files(module).joinpath(resource)))


def file_bytes(name: str) -> bytes:
    """Reads the whole file of a face that comes with the service."""
    found = source(name)
    return found if isinstance(found, bytes) else Path(str(found)).read_bytes()


@cache
def open_face(name: str) -> TTFont:
    """Opens a face for its outlines and tables, which are parsed when they are asked for."""
    return TTFont(BytesIO(file_bytes(name)), lazy=True)


@cache
def characters(name: str) -> dict[int, str]:
    """Maps the code points that a face can write to the names of its glyphs."""
    return {} if source(name) is None else dict(open_face(name).getBestCmap())


def face_with(cluster: str, faces: Iterable[str]) -> str | None:
    """Names the first of `faces` that has every visible character of the cluster."""
    codes = {ord(char) for char in visible(cluster)}
    return next((name for name in faces if codes <= characters(name).keys()), None)
