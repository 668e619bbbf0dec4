"""TrueType pages of faces whose outlines are PostScript, which the PDF library cannot embed.

A face of a whole continent's letters has tens of thousands of outlines; only the pages of 16 characters that some text
needs are converted, once for the process.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

from reelops.infra.fonts import characters, open_face

PAGE = 16
_TOLERANCE = 1.0  # of 1000 to an em: less than the eye can see on paper
# In this order: the first face that has a character sets it.
_FACES = ("NotoSansCJK", "NotoSansSymbols2", "NotoSansSymbols", "NotoSansMath")


def face_with(code_point: int) -> str | None:
    """Names the first face that has the character."""
    return next((name for name in _FACES if code_point in characters(name)), None)


def page_name(name: str, page: int) -> str:
    """Names a page of a face after its first code point."""
    return f"{name}-{page * PAGE:04X}"


def truetype_page(name: str, page: int) -> bytes:
    """Converts the characters from `page` * `PAGE` on to a TrueType file."""
    source, glyphs = open_face(name), characters(name)
    chosen = {code: glyphs[code] for code in range(page * PAGE, (page + 1) * PAGE) if code in glyphs}
    order = [".notdef", *dict.fromkeys(chosen.values())]
    outlines = source.getGlyphSet()
    advances = source["hmtx"]
    builder = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(chosen)
    builder.setupGlyf({glyph: _truetype(outlines[glyph]) for glyph in order})
    builder.setupHorizontalMetrics({glyph: advances[glyph] for glyph in order})
    builder.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    own = page_name(name, page)
    builder.setupNameTable({"familyName": own, "styleName": "Regular", "fullName": own, "psName": own})
    builder.setupOS2(sTypoAscender=source["hhea"].ascent, sTypoDescender=source["hhea"].descent)
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


def _truetype(glyph: Any) -> Any:
    pen = TTGlyphPen(None)
    glyph.draw(Cu2QuPen(pen, _TOLERANCE, reverse_direction=True))
    return pen.glyph()
