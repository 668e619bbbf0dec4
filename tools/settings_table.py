"""Writes server/SETTINGS.md from the settings: `python tools/settings_table.py [--check]`."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from reelops.settings import Settings

TARGET = Path(__file__).resolve().parent.parent / "server" / "SETTINGS.md"
_HEAD = """# Settings

Everything is set through the environment. Wrong values are refused at the start, with the reason. This table is made
from `reelops.settings` by `tools/settings_table.py`.

| variable | default | meaning |
|---|---|---|
"""


def table() -> str:
    """Gives the whole page."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    variable = field.alias or f"REELOPS_{name.upper()}"
    default = str(field.default) if field.default_factory is None else "as shipped"
    shown = f"`{default}`" if default not in ("", "None", "**********") else ""
    return f"| `{variable}` | {shown} | {field.description} |\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(table())
        return 0
    if TARGET.read_text() != table():
        print(f"stale: {TARGET.name}; run `make generate`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
