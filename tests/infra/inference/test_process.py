"""Starting and ending Triton."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import time
from pathlib import Path

import numpy as np
import pytest
from reelops import errors
from reelops.infra.inference import InferenceClient, process
from reelops.infra.inference.repository import mirror
from reelops.infra.inference.shared_memory import MEMORY

from tests.triton_fixture import MODELS, RunningTriton, free_ports, running_triton, triton_venv

# One for each instance of each model.
PROCESSES = 4


def copy_of_the_wheel(folder: Path) -> Path:
    """Lays out a venv that has the stub and the place for it, without the large server."""
    site = Path("lib/python3.11/site-packages/pytriton/tritonserver")
    (folder / site / "backends" / "python").mkdir(parents=True)
    stubs = folder / site / "python_backend_stubs" / "3.11"
    stubs.mkdir(parents=True)
    (stubs / process.STUB).write_bytes(b"a program")
    (stubs / process.STUB).chmod(0o755)
    return folder


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_stub_is_installed_once_and_runnable(tmp_path: Path) -> None:
    venv = copy_of_the_wheel(tmp_path)
    first = process.install_stub(venv)
    installed = first.stat()
    assert stat.S_IMODE(installed.st_mode) == 0o755
    assert process.install_stub(venv) == first
    assert first.stat().st_ino == installed.st_ino, "a second call leaves it alone"
    assert [path.name for path in first.parent.iterdir()] == [process.STUB]


def test_a_venv_without_triton_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.Invalid, match="holds no Triton") as refused:
        process.install_stub(tmp_path)
    assert refused.value.code == "TRITON_MISSING"


def test_a_missing_repository_is_named(tmp_path: Path) -> None:
    venv = copy_of_the_wheel(tmp_path)
    process.install_stub(venv)
    with pytest.raises(errors.Invalid, match="nowhere") as refused:
        process.triton_command(
            venv=venv, repository=tmp_path / "nowhere", ports=process.TritonPorts(), cache_dir=tmp_path / "cache"
        )
    assert refused.value.code == "TRITON_REPOSITORY_MISSING"


def test_the_environment_is_whole_and_inherits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("A_SECRET", "hush")
    venv = copy_of_the_wheel(tmp_path)
    process.install_stub(venv)
    command = process.triton_command(
        venv=venv,
        repository=MODELS,
        ports=process.TritonPorts(http=1, grpc=2, metrics=3, address="127.0.0.9"),
        cache_dir=tmp_path / "cache",
        threads=3,
        overrides={"REELOPS_EMBEDDER_THREADS": "1"},
    )
    assert not {"VIRTUAL_ENV", "A_SECRET"} & set(command.env)
    assert command.env["OPENBLAS_NUM_THREADS"] == "1"
    assert command.env["NUMBA_NUM_THREADS"] == "3"
    assert command.env["REELOPS_EMBEDDER_THREADS"] == "1"
    assert {"--grpc-address=127.0.0.9", "--grpc-port=2", "--http-port=1", "--metrics-port=3"} <= set(command.argv)


def test_a_mirror_follows_its_repository(tmp_path: Path) -> None:
    source, target = tmp_path / "models", tmp_path / "mirror"
    for name in ("one/1/model.py", "one/config.pbtxt", "two/1/model.py", "one/1/__pycache__/model.pyc"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    mirror(source, target)
    (target / "two" / "1" / "__pycache__").mkdir()
    (target / "two" / "1" / "__pycache__" / "model.pyc").write_text("compiled")
    shutil.rmtree(source / "two")
    (source / "one" / "1" / "helper.py").write_text("new")
    (target / "one" / "config.pbtxt").unlink()
    (target / "one" / "config.pbtxt").write_text("not a link")
    mirror(source, target)
    held = {str(path.relative_to(target)): path.read_text() for path in target.rglob("*") if path.is_file()}
    assert held == {
        "one/1/model.py": "one/1/model.py",
        "one/config.pbtxt": "one/config.pbtxt",
        "one/1/helper.py": "new",
    }
    assert not (target / "two").exists()


@pytest.mark.triton
async def test_a_repository_that_cannot_be_written_to_is_served_and_left_as_it_was(tmp_path: Path) -> None:
    repository = tmp_path / "models"
    shutil.copytree(MODELS, repository, ignore=shutil.ignore_patterns("__pycache__"))
    before = fingerprint(repository)
    for path in repository.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with running_triton(repository=repository, cache_dir=tmp_path / "cache") as triton:
        async with InferenceClient.connect(triton.address) as inference:
            await inference.align(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32))
    assert fingerprint(repository) == before
    for path in repository.rglob("*"):
        path.chmod(0o755)


@pytest.mark.triton
async def test_readiness_follows_the_server() -> None:
    ports = free_ports()
    assert not await process.is_ready(ports)
    with running_triton(ports=ports):
        assert await process.is_ready(ports, timeout_sec=10)
    assert not await process.is_ready(ports)


@pytest.mark.triton
@pytest.mark.faults
def test_a_killed_server_takes_its_models_along_and_its_memory_is_swept() -> None:
    with running_triton() as triton:
        models = _children(triton)
        assert len(models) == PROCESSES
        assert process.leftovers(triton.ports)
        os.kill(triton.pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(_runs(pid) for pid in models):
            assert time.monotonic() < deadline, "a model outlives its server"
            time.sleep(0.05)
        swept = process.sweep_memory(triton.ports)
    assert swept
    assert not process.leftovers(triton.ports)
    assert not [name for name in swept if (MEMORY / name).exists()]


@pytest.mark.triton
@pytest.mark.faults
async def test_a_killed_model_is_noticed_and_is_no_fault_of_the_input() -> None:
    rows = np.eye(3, dtype=np.float32)
    with running_triton() as triton:
        async with InferenceClient.connect(triton.address) as inference:
            assert await inference.ready()
            assert process.lost_models(triton.pid) == 0
            for pid in _children(triton):
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(errors.Unavailable) as away:
                await inference.align(rows, rows)
            assert away.value.code == "TRITON_UNAVAILABLE"
            assert not await inference.ready()
            assert process.lost_models(triton.pid) == PROCESSES


def test_each_model_holds_on_to_its_server_alike() -> None:
    assert len({path.read_text() for path in MODELS.glob("*/1/lifeline.py")}) == 1
    assert len(list(MODELS.glob("*/1/lifeline.py"))) == len(list(MODELS.glob("*/config.pbtxt")))


def test_the_venv_of_triton_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOPS_TRITON_VENV", "/opt/triton")
    assert triton_venv() == Path("/opt/triton")


def _children(triton: RunningTriton) -> list[int]:
    threads = Path(f"/proc/{triton.pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
