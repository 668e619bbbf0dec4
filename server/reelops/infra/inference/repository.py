"""A model repository that Triton may leave compiled files in, made of links to one that it may not write to."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import reelops

BYTECODE = "__pycache__"
# A model that runs code of this package.
DECODER = Path("step_decoder", "1")


def shared_code(repository: Path) -> dict[Path, Path]:
    """Gives the files of this package that a model of `repository` imports, by where it looks for them.

    The interpreter in Triton's Python backend takes no search path from its environment; it looks beside the model.
    """
    if not (repository / DECODER).is_dir():
        return {}
    package = Path(reelops.__file__).resolve().parent
    files = [
        package / "__init__.py",
        package / "core" / "__init__.py",
        *sorted((package / "core/scoring").glob("*.py")),
    ]
    return {DECODER / "reelops" / path.relative_to(package): path for path in files}


def mirror(repository: Path, target: Path, further: Mapping[Path, Path] | None = None) -> Path:
    """Makes `target` hold real folders with a link to every file of `repository` and of `further`, and gives it.

    `further` are files from elsewhere, by their place in `target`.
    The interpreter inside Triton's Python backend takes no settings from its environment and always writes bytecode
    beside its sources. Links that are right stay as they are, so a server that runs on the mirror is not disturbed.
    """
    source = repository.resolve()
    wanted = {path.relative_to(source): path for path in _files(source)} | dict(further or {})
    target.mkdir(parents=True, exist_ok=True)
    for place in _files(target):
        if wanted.get(place.relative_to(target)) != _goal(place):
            place.unlink()
    for name, path in wanted.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # it was right, or another start was quicker
            place.symlink_to(path)
    _remove_empty(target)
    return target


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if BYTECODE not in path.relative_to(folder).parts and (path.is_symlink() or not path.is_dir())
    ]


def _goal(place: Path) -> Path | None:
    return place.readlink() if place.is_symlink() else None


def _remove_empty(target: Path) -> None:
    """Removes the folders of models that are gone: Triton would refuse to start over them."""
    for model in target.iterdir():
        if model.is_dir() and not _files(model):
            for path in sorted(model.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            model.rmdir()
