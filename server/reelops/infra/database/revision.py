"""Writes the initial migration anew from the tables that the stores declare.

    python -m reelops.infra.database.revision

For as long as nothing has been released there is one revision, and it is regenerated whenever a table changes. After
the first release, changes get revisions of their own, written by hand, beside it. Every `store.py` of the package is
imported by its place in the tree, so this development tool needs no list, and the floors stay as they are.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext

import reelops
from reelops.infra.database.migrating import SCRIPTS
from reelops.infra.database.schema import UtcDateTime, metadata

INITIAL = SCRIPTS / "versions" / "initial.py"

_HEAD = '''"""Creates every table. Written by `python -m reelops.infra.database.revision`; do not edit by hand."""
# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
'''


def import_stores() -> None:
    """Imports every `store.py` of the package, which declares its tables in the shared metadata."""
    root = Path(reelops.__file__).parent
    for path in sorted(root.rglob("store.py")):
        importlib.import_module(".".join(("reelops", *path.relative_to(root).with_suffix("").parts)))


def render_initial(tables: sa.MetaData) -> str:
    """Returns the source of a revision that makes `tables` in an empty database."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"render_item": _render_item, "sqlalchemy_module_prefix": "sa."}
        )
        script = produce_migrations(context, tables)
        up, down = (
            render_python_code(operations, render_item=_render_item, migration_context=context)
            for operations in (script.upgrade_ops, script.downgrade_ops)
            if operations is not None
        )
    engine.dispose()
    return "\n\n".join((_HEAD, _function("upgrade", up, _statements(tables)), _function("downgrade", down)))


def _statements(tables: sa.MetaData) -> str:
    # What SQLAlchemy has no objects for, such as triggers: pairs of dialect and SQL.
    return "".join(
        f"\n    if op.get_bind().dialect.name == {dialect!r}:\n        op.execute({statement!r})"
        for dialect, statement in tables.info.get("statements", ())
    )


def _function(name: str, code: str, more: str = "") -> str:
    lines = [line for line in code.splitlines() if not line.strip().startswith("#")]
    return f"def {name}() -> None:\n    " + "\n".join(lines).strip() + more + "\n"


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    # A revision stands alone: it does not follow later changes of our own types.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        return "json"
    return False


if __name__ == "__main__":
    import_stores()
    INITIAL.parent.mkdir(exist_ok=True)
    INITIAL.write_text(render_initial(metadata))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(INITIAL)], check=True)
