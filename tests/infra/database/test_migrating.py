"""Migrations bring any database to the schema that the stores declare."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from reelops.errors import Invalid
from reelops.infra.database import metadata, migrate, schema_version
from reelops.infra.database.migrating import schema_differences
from reelops.infra.database.revision import INITIAL, import_stores, render_initial


def test_a_new_database_has_no_version_and_a_migrated_one_has(blank_url: str) -> None:
    migrate(blank_url)
    assert schema_version(blank_url) == "0001"


def test_the_migrated_schema_equals_the_declared_tables(blank_url: str) -> None:
    import_stores()
    migrate(blank_url)
    assert schema_differences(blank_url, metadata) == []


def test_migrating_again_changes_nothing(blank_url: str) -> None:
    migrate(blank_url)
    migrate(blank_url)
    assert schema_version(blank_url) == "0001"


def test_processes_that_start_at_the_same_moment_can_all_migrate(blank_url: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    program = f"from reelops.infra.database import migrate; migrate({blank_url!r})"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE) for _ in range(3)
    ]
    for process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint.decode()
    assert schema_version(blank_url) == "0001"


def test_the_initial_revision_names_every_table_that_is_declared() -> None:
    import_stores()
    rendered = render_initial(metadata)
    written = INITIAL.read_text()
    missing = [name for name in metadata.tables if f'"{name}"' not in written]
    assert missing == [], "run: python -m reelops.infra.database.revision"
    assert "op.create_table" in rendered


@pytest.mark.parametrize("url", ["mysql://host/name", "not a url", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_another_kind_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        migrate(url)
    assert refusal.value.code == "DATABASE_URL"
