"""Fixtures that tests of several folders share, and which tests stay together where several processes run them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["tests.database_fixture", "tests.service_fixture", "tests.triton_fixture"]

_CLIENTS = Path(__file__).parent / "clients"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests of a file in one process, those on the shared service, and those that build the clients."""
    for item in items:
        if "service" in getattr(item, "fixturenames", ()):
            group = "service"
        elif item.path.is_relative_to(_CLIENTS):
            group = "clients"
        else:
            group = str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
