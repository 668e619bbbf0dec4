"""Names ways to work something out by the text of the modules that do it, so that nobody has to remember to."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

_PACKAGE = "reelops.core.scoring"
_FOLDER = Path(__file__).parent


def of_modules(*names: str) -> str:
    """Gives 16 characters that change with modules of this package, or any of the package that they import."""
    texts = hashlib.sha256()
    for used in sorted(modules_of(*names)):
        texts.update(_path(used).read_bytes())
    return texts.hexdigest()[:16]


def modules_of(*names: str) -> set[str]:
    """Lists modules of this package and those of the package that they import, and so on."""
    known, left = set[str](), [*names]
    while left:
        module = left.pop()
        if module not in known:
            known.add(module)
            left += _imported_by(module)
    return known


def _imported_by(module: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(_path(module).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == _PACKAGE:
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
            found.append((node.module or "").removeprefix(f"{_PACKAGE}."))
    return [one for one in found if _path(one).exists()]


def _path(module: str) -> Path:
    return _FOLDER / f"{module.replace('.', '/')}.py"
