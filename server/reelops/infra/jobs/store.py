"""The tables of jobs. `job` is the record that people see; the engine's own tables only say what to run next."""

from __future__ import annotations

import sqlalchemy as sa

from reelops.infra.database.schema import UtcDateTime, json_document, metadata, serial

job = sa.Table(
    "job",
    metadata,
    # Newest first is by this number: moments can be equal.
    sa.Column("number", serial(), primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("queue", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # The state, or deferred or scheduled for a queued job that waits for a moment: see tally.py.
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("next_attempt", sa.Integer, nullable=False),
    sa.Column("max_attempts", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text),
    sa.Column("org_id", sa.Text),
    sa.Column("payload", json_document(), nullable=False),
    sa.Column("result", json_document()),
    sa.Column("error_code", sa.String(64)),
    sa.Column("error_message", sa.Text),
    sa.Column("queued_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    # Grows with every change, so that watchers can tell.
    sa.Column("version", sa.Integer, nullable=False),
    # The engine's workflow for this job is "<job_id>.<run>".
    sa.Column("run", sa.Integer, nullable=False),
    # Fences attempts: only who knows the present token may write. claimed_by is its worker.
    sa.Column("claim", sa.String(32)),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("interruptions", sa.Integer, nullable=False),
    sa.Column("waits", sa.Integer, nullable=False),
    sa.Column("cancelled_by", sa.Text),
    # NULL: nothing to clean up. "due": somebody has to. Otherwise the worker that is at it.
    sa.Column("cleanup", sa.String(64)),
    sa.Index("ix_job_kind_number", "kind", "number"),
    sa.Index("ix_job_kind_state_number", "kind", "state", "number"),
    sa.Index("ix_job_state_number", "state", "number"),
    sa.Index("ix_job_task_id_number", "task_id", "number"),
    sa.Index(
        "ix_job_org_id_number",
        "org_id",
        "number",
        sqlite_where=sa.text("org_id IS NOT NULL"),
        postgresql_where=sa.text("org_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_job_cleanup",
        "cleanup",
        sqlite_where=sa.text("cleanup IS NOT NULL"),
        postgresql_where=sa.text("cleanup IS NOT NULL"),
    ),
    sa.Index(
        "ix_job_claimed_by",
        "claimed_by",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
)

job_tally = sa.Table(
    "job_tally",
    metadata,
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("queue", sa.String(64), primary_key=True),
    sa.Column("phase", sa.String(16), primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("total", sa.BigInteger, nullable=False),
)

job_worker = sa.Table(
    "job_worker",
    metadata,
    sa.Column("executor_id", sa.String(64), primary_key=True),
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("process_start", sa.String(32), nullable=False),
    sa.Column("queues", json_document(), nullable=False),
    sa.Column("running", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

job_lease = sa.Table(
    "job_lease",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)

job_schedule = sa.Table(
    "job_schedule",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("fired_at", UtcDateTime),
)
