"""The committed stubs of the other languages are what the protos give."""

from __future__ import annotations

import sys

import pytest

from tests.clients import toolchains


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", ["go", "typescript"])
def test_the_stubs_are_not_stale(language: str) -> None:
    if language == "go":
        toolchains.go_module()
    else:
        toolchains.typescript_package()
    done = toolchains.run(sys.executable, "tools/generate_clients.py", "--check", language, cwd=toolchains.ROOT)
    assert "skipped" not in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
