"""How to start the `tritonserver` that the nvidia-pytriton wheel carries."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reelops import errors
from reelops.infra.inference.client import InferenceClient
from reelops.infra.inference.repository import mirror, shared_code
from reelops.infra.inference.shared_memory import MEMORY, sweep_prefix
from reelops.infra.processes import Command

STUB = "triton_python_backend_stub"
# Set for Triton's own venv and no other: see models/README.md.
PASSED_ON = ("REELOPS_EMBEDDER_ONNX", "REELOPS_EMBEDDER_THREADS", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class TritonPorts:
    """Where Triton listens."""

    http: int = 9100
    grpc: int = 9101
    metrics: int = 9102
    address: str = "127.0.0.1"


def triton_command(
    *,
    venv: Path,
    repository: Path,
    ports: TritonPorts,
    cache_dir: Path,
    threads: int = 0,
    exit_timeout_sec: int = 15,
    overrides: Mapping[str, str] | None = None,
) -> Command:
    """Gives the command that serves `repository` in the foreground and logs to its standard error.

    `venv` is Triton's own (numpy < 2). `cache_dir` takes compiled kernels and a mirror of the repository; both are made
    here, and it is the only place that Triton writes to: `repository` and the venv are only read (but see
    `install_stub`, which must have run). `threads` is how many cores one model may use, 0 for all.
    `overrides` are further environment variables.
    Raises `errors.Invalid` when a part is missing.
    """
    server = _server_folder(venv)
    if not _stub_target(server).is_file():
        raise errors.Invalid("TRITON_STUB_MISSING", f"{_stub_target(server)} is missing: run install_stub first")
    if not repository.is_dir():
        raise errors.Invalid("TRITON_REPOSITORY_MISSING", f"the model repository {repository} is not a directory")
    # One place for one repository, whatever the ports, or every start would compile the kernels again.
    digest = hashlib.sha256(str(repository.resolve()).encode()).hexdigest()[:12]
    served = mirror(repository, cache_dir.resolve() / f"models-{digest}", shared_code(repository))
    return Command(
        name="triton",
        argv=_argv(server, served, ports, exit_timeout_sec),
        env={**_environment(venv, server, cache_dir.resolve(), threads or os.cpu_count() or 1), **(overrides or {})},
    )


def install_stub(venv: Path) -> Path:
    """Puts the backend stub of the venv's Python where Triton looks for it, if it is not there, and gives its path.

    This is the one write into the wheel's directory; it is atomic and safe to repeat or to run twice at once.
    """
    server = _server_folder(venv)
    target = _stub_target(server)
    source = server / "python_backend_stubs" / _python_version(venv) / STUB
    if target.is_file() and target.stat().st_size == source.stat().st_size:
        return target
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{STUB}-", delete=False) as copy:
            copy.write(source.read_bytes())
        shutil.copymode(source, copy.name)
        Path(copy.name).replace(target)
    except OSError as error:
        raise errors.Invalid("TRITON_STUB_MISSING", f"cannot copy {source} to {target}: {error.strerror}") from error
    return target


def sweep_memory(ports: TritonPorts) -> list[str]:
    """Removes what a killed Triton on these ports left in shared memory, and gives the names. Call before a start."""
    return sweep_prefix(_region_prefix(ports))


def lost_models(pid: int) -> int:
    """Counts the models of the Triton with this pid whose process has died.

    Triton neither restarts such a model nor says that it is not ready; whoever supervises Triton should end it then.
    """
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for thread in threads for child in _read(thread).split()]
    return sum(_read(Path(f"/proc/{child}/stat")).rpartition(")")[2].split()[:1] == ["Z"] for child in children)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _server_folder(venv: Path) -> Path:
    found = sorted(venv.absolute().glob("lib/python3.*/site-packages/pytriton/tritonserver"))
    if not found:
        raise errors.Invalid("TRITON_MISSING", f"{venv} holds no Triton: install triton.lock into it")
    return found[-1]


def _python_version(venv: Path) -> str:
    return _server_folder(venv).parents[2].name.removeprefix("python")


def _stub_target(server: Path) -> Path:
    return server / "backends" / "python" / STUB


def _region_prefix(ports: TritonPorts) -> str:
    return f"reelops-triton-{ports.grpc}-"


def _argv(server: Path, repository: Path, ports: TritonPorts, exit_timeout_sec: int) -> tuple[str, ...]:
    return (
        str(server / "bin" / "tritonserver"),
        f"--model-repository={repository}",
        f"--backend-directory={server / 'backends'}",
        "--model-control-mode=none",
        "--model-load-thread-count=2",
        f"--exit-timeout-secs={exit_timeout_sec}",
        f"--http-address={ports.address}",
        f"--http-port={ports.http}",
        "--http-thread-count=2",
        f"--grpc-address={ports.address}",
        f"--grpc-port={ports.grpc}",
        f"--metrics-address={ports.address}",
        f"--metrics-port={ports.metrics}",
        # Room for one batch of clips before the region has to grow.
        f"--backend-config=python,shm-default-byte-size={64 << 20}",
        f"--backend-config=python,shm-growth-byte-size={16 << 20}",
        f"--backend-config=python,shm-region-prefix-name={_region_prefix(ports)}",
    )


def _environment(venv: Path, server: Path, cache_dir: Path, threads: int) -> dict[str, str]:
    environment = {
        "PATH": os.pathsep.join((str(venv.absolute() / "bin"), "/usr/local/bin", "/usr/bin", "/bin")),
        "PYTHONPATH": str(server.parents[1]),
        "HOME": os.environ.get("HOME", str(cache_dir)),
        "LANG": "C.UTF-8",
        "NUMBA_CACHE_DIR": str(cache_dir / "numba"),
        # Its threads wait busily for more work, on cores that other models want, and on a machine that has much to do
        # a product can wait for them for ever.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": str(threads),
        "NUMBA_NUM_THREADS": str(threads),
    }
    core = _blas_core()
    if core:
        environment["OPENBLAS_CORETYPE"] = core
    return environment | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def _blas_core() -> str | None:
    """Names the matrix kernels for this processor.

    The OpenBLAS of numpy 1.26 takes processors newer than itself for one of 2004, and is then five times slower.
    """
    if platform.machine() != "x86_64":
        return None
    try:
        flags = set(Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split())
    except OSError:
        return None
    if {"avx512f", "avx512vl", "avx512bw", "avx512dq"} <= flags:
        return "SKYLAKEX"
    return "HASWELL" if {"avx2", "fma"} <= flags else None


def leftovers(ports: TritonPorts) -> list[str]:
    """Lists what Triton on these ports holds in shared memory now."""
    return sorted(path.name for path in MEMORY.glob(f"{_region_prefix(ports)}*"))


async def is_ready(ports: TritonPorts, *, timeout_sec: float = 2.0) -> bool:
    """Says whether a Triton on these ports and all its models answer; never raises."""
    async with InferenceClient.connect(f"{ports.address}:{ports.grpc}", shared_memory=False) as inference:
        return await inference.ready(timeout_sec=timeout_sec)
