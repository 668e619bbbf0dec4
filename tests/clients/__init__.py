"""Tests of the clients in every language."""

import pytest

pytest.register_assert_rewrite("tests.clients.contract", "tests.clients.test_examples")
