"""Generates the Python stubs from proto/: `python tools/generate.py [--check]`.

With `--check` nothing is written: the exit status is 1 when the committed stubs differ from what the protos give.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
OUTPUT = ROOT / "server"
TREES = ("reelops/api", "buf")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        compile_protos(made)
        if "--check" in sys.argv[1:]:
            return check(made)
        for tree in TREES:
            shutil.rmtree(OUTPUT / tree, ignore_errors=True)
            shutil.copytree(made / tree, OUTPUT / tree)
    return 0


def sources(proto: Path = PROTO) -> list[str]:
    """Lists the protos by their path in the root."""
    return sorted(path.relative_to(proto).as_posix() for path in proto.rglob("*.proto"))


def write_validate_descriptor(folder: Path) -> Path:
    """Writes the descriptor of `buf/validate/validate.proto`, whose source is in no wheel."""
    wanted = descriptor_pb2.FileDescriptorSet()
    for name in ("descriptor", "duration", "timestamp", "field_mask"):
        module = import_module(f"google.protobuf.{name}_pb2")
        module.DESCRIPTOR.CopyToProto(wanted.file.add())
    wanted.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    path = folder / "validate.binpb"
    path.write_bytes(wanted.SerializeToString())
    return path


def protoc(folder: Path, *arguments: str, proto: Path = PROTO) -> None:
    """Runs the protoc of grpcio-tools with every import in reach."""
    wheel = files("grpc_tools") / "_proto"
    common = Path(str(annotations_pb2.__file__)).parent.parent.parent
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{proto}",
            f"-I{common}",
            f"-I{wheel}",
            f"--descriptor_set_in={write_validate_descriptor(folder)}",
            *arguments,
        ],
        check=True,
    )


def compile_protos(folder: Path) -> None:
    """Writes modules, type stubs and the descriptor set (with comments) of every proto into `folder`."""
    api = folder / "reelops" / "api"
    api.mkdir(parents=True)
    programs = Path(sys.executable).parent
    protoc(
        folder,
        f"--python_out={folder}",
        f"--grpc_python_out={folder}",
        *(f"--plugin=protoc-gen-{name}={programs / f'protoc-gen-{name}'}" for name in ("mypy", "mypy_grpc")),
        f"--mypy_out=quiet:{folder}",
        f"--mypy_grpc_out=quiet:{folder}",
        f"--descriptor_set_out={api / 'descriptors.binpb'}",
        "--include_imports",
        "--include_source_info",
        "buf/validate/validate.proto",
        *sources(),
    )
    for package in {path.parent for path in folder.rglob("*_pb2.py")} | {api}:
        mark_generated(package, folder)


def mark_generated(package: Path, folder: Path) -> None:
    """Makes the folder and its parents packages that say they are generated."""
    while package != folder:
        if package != folder / "reelops":
            (package / "__init__.py").write_text('"""Generated from proto/ by tools/generate.py. Do not edit."""\n')
        package = package.parent
    for stub in folder.rglob("buf/**/*_grpc.py"):
        stub.unlink()


def check(made: Path) -> int:
    differing = [path for tree in TREES for path in differences(made / tree, OUTPUT / tree)]
    for path in differing:
        print(f"stale: {path}; run `make generate`", file=sys.stderr)
    return 1 if differing else 0


def differences(made: Path, committed: Path) -> list[str]:
    """Names the files that only one folder has, or that differ."""
    names = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    names |= {
        path.relative_to(committed)
        for path in committed.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return [
        str(committed / name)
        for name in sorted(names)
        if not (made / name).is_file()
        or not (committed / name).is_file()
        or not filecmp.cmp(made / name, committed / name, shallow=False)
    ]


if __name__ == "__main__":
    sys.exit(main())
