"""Writes values as Lua."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Raw(str):
    """A piece of Lua that is written as it is."""


def spell(value: object) -> str:
    """Writes strings, numbers, booleans, mappings and lists as a Lua expression."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = (f"[{quoted(str(key))}] = {spell(item)}" for key, item in value.items() if item is not None)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Iterable):
        return "{" + ", ".join(spell(item) for item in value) + "}"
    raise TypeError(f"no Lua for {type(value).__name__}")


def quoted(text: str) -> str:
    """Writes a Lua string in ASCII."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return '"' + "".join(plain) + '"'
