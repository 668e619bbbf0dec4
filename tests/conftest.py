"""Fixtures that tests of several folders share."""

pytest_plugins = ["tests.database_fixture", "tests.triton_fixture"]
