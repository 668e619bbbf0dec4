"""A model repository that Triton may leave compiled files in, made of links to one that it may not write to."""

from __future__ import annotations

import contextlib
from pathlib import Path

BYTECODE = "__pycache__"


def mirror(repository: Path, target: Path) -> Path:
    """Makes `target` hold real folders with a link to every file of `repository`, and gives it.

    The interpreter inside Triton's Python backend takes no settings from its environment and always writes bytecode
    beside its sources. Links that are right stay as they are, so a server that runs on the mirror is not disturbed.
    """
    source = repository.resolve()
    wanted = {path.relative_to(source): path for path in _files(source)}
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
