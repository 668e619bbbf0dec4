"""Generates the TypeScript and Go stubs: `python tools/generate_clients.py [--check] [go] [typescript]`.

Run `tools/generate.py` first: it writes the descriptors that this reads. The plugins are those that each client's lock
file pins. A language whose toolchain is missing is named and left as it is. With `--check` nothing is written: the exit
status is 1 when the committed stubs differ from what the protos give.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTORS = ROOT / "server" / "reelops" / "api" / "descriptors.binpb"
GO = ROOT / "clients" / "go"
TYPESCRIPT = ROOT / "clients" / "typescript"
GO_MODULE = "reelops.dev"
GO_PLUGINS = (
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
)


class Missing(Exception):
    """A toolchain that is not here."""


@dataclass(frozen=True, slots=True)
class Language:
    """A client whose stubs are generated: where they are, and what makes them in a folder."""

    name: str
    stubs: Path
    generate: Callable[[Path], Path]


def main() -> int:
    wanted = [word for word in sys.argv[1:] if word != "--check"]
    check = "--check" in sys.argv[1:]
    status = 0
    for language in LANGUAGES:
        if wanted and language.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                made = language.generate(Path(folder))
            except Missing as reason:
                print(f"{language.name}: skipped, {reason}")
                continue
            if check:
                status |= report(language, made)
            else:
                shutil.rmtree(language.stubs, ignore_errors=True)
                shutil.copytree(made, language.stubs)
    return status


def report(language: Language, made: Path) -> int:
    """Names the stubs that are stale, and returns 1 where there are any."""
    stale = differences(made, language.stubs)
    for path in stale:
        print(f"stale: {path}; run `python tools/generate_clients.py`", file=sys.stderr)
    return 1 if stale else 0


def generate_go(folder: Path) -> Path:
    go = shutil.which("go")
    if go is None:
        raise Missing("there is no Go toolchain")
    plugins = folder / "plugins"
    plugins.mkdir()
    built = subprocess.run(
        [go, "build", "-o", str(plugins), *GO_PLUGINS], cwd=GO, env=os.environ | {"GOTOOLCHAIN": "local"}, check=False
    )
    if built.returncode:
        raise Missing("the plugins cannot be built; see above")
    made = folder / "made"
    made.mkdir()
    protoc(
        *(f"--plugin={plugin}" for plugin in sorted(plugins.iterdir())),
        f"--go_out={made}",
        f"--go_opt=module={GO_MODULE}",
        f"--go-grpc_out={made}",
        f"--go-grpc_opt=module={GO_MODULE}",
        *(name for name in sources() if name.startswith("reelops/")),
    )
    return made / "api"


def generate_typescript(folder: Path) -> Path:
    plugin = TYPESCRIPT / "node_modules" / ".bin" / "protoc-gen-es"
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("there is no node")
    if not plugin.exists():
        installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], cwd=TYPESCRIPT, check=False)
        if installed.returncode:
            raise Missing("its packages cannot be installed; see above")
    protoc(f"--plugin={plugin}", f"--es_out={folder}", "--es_opt=target=ts,import_extension=js", *sources())
    return folder


def sources() -> list[str]:
    """Names every proto that a client needs; those of protobuf itself come with each language's runtime."""
    described = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    return [file.name for file in described.file if not file.name.startswith("google/protobuf/")]


def protoc(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={DESCRIPTORS}", *arguments], check=True
    )


def differences(made: Path, committed: Path) -> list[Path]:
    """Names the files that only one folder has, or that differ."""
    names = {path.relative_to(root) for root in (made, committed) for path in root.rglob("*") if path.is_file()}
    return [
        committed / name
        for name in sorted(names)
        if not (made / name).is_file()
        or not (committed / name).is_file()
        or not filecmp.cmp(made / name, committed / name, shallow=False)
    ]


LANGUAGES = (
    Language("go", GO / "api", generate_go),
    Language("typescript", TYPESCRIPT / "src" / "gen", generate_typescript),
)

if __name__ == "__main__":
    sys.exit(main())
