"""Fixtures that tests of several folders share."""

pytest_plugins = ["tests.database_fixture", "tests.service_fixture", "tests.triton_fixture"]
