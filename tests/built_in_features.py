"""The built-in embedder's code as Triton loads it: modules that find one another in the model's own folder."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent.parent / "models" / "video_embedder" / "1"
SOURCES = (FOLDER / "features.py", FOLDER / "colours.py")


def load() -> ModuleType:
    """Imports `features`; the folder is on the path meanwhile only, for it has a `model` as every model has."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("features")
    finally:
        sys.path.remove(str(FOLDER))
