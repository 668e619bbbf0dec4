"""Creates every table. Written by `python -m reelops.infra.database.revision`; do not edit by hand."""
# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("asset_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=True),
        sa.Column("file_key", sa.String(length=255), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("duration_sec", sa.Double(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.String(length=64), nullable=True),
        sa.Column("video_id", sa.Integer(), nullable=True),
        sa.Column("source_asset_id", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assets")),
        sa.UniqueConstraint("asset_id", name=op.f("uq_assets_asset_id")),
        sa.UniqueConstraint("file_key", name=op.f("uq_assets_file_key")),
        sa.UniqueConstraint("video_id", name=op.f("uq_assets_video_id")),
    )
    op.create_index(op.f("ix_assets_expires_at"), "assets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_assets_job_id"), "assets", ["job_id"], unique=False)
    op.create_index("ix_assets_org_id_kind_number", "assets", ["org_id", "kind", "number"], unique=False)
    op.create_index("ix_assets_org_id_kind_state_number", "assets", ["org_id", "kind", "state", "number"], unique=False)
    op.create_index("ix_assets_org_id_number", "assets", ["org_id", "number"], unique=False)
    op.create_index("ix_assets_org_id_state_number", "assets", ["org_id", "state", "number"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("job_id", sa.String(length=128), nullable=False),
        sa.Column("job_type", sa.String(length=32), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_job_id"), "audit_entries", ["job_id"], unique=False)
    op.create_table(
        "audit_exports",
        sa.Column("export_id", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=128), nullable=False),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature_hex", sa.String(length=64), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_audit_exports")),
    )
    op.create_table(
        "counted_calls",
        sa.Column("surface", sa.String(length=32), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "caller", name=op.f("pk_counted_calls")),
    )
    op.create_index(op.f("ix_counted_calls_ends_at"), "counted_calls", ["ends_at"], unique=False)
    op.create_table(
        "index_versions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("embedding_model", sa.String(length=255), nullable=False),
        sa.Column("adapter_version", sa.String(length=128), nullable=True),
        sa.Column("adapter_key", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("videos_used", sa.Integer(), nullable=False),
        sa.Column("clips_used", sa.Integer(), nullable=False),
        sa.Column("learnt_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_index_versions")),
    )
    op.create_index(
        "ix_index_versions_embedding_model_number", "index_versions", ["embedding_model", "number"], unique=False
    )
    op.create_table(
        "job",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("next_attempt", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("org_id", sa.Text(), nullable=True),
        sa.Column("payload", json, nullable=False),
        sa.Column("result", json, nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cleanup", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job")),
        sa.UniqueConstraint("job_id", name=op.f("uq_job_job_id")),
    )
    op.create_index(
        "ix_job_claimed_by",
        "job",
        ["claimed_by"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_job_cleanup",
        "job",
        ["cleanup"],
        unique=False,
        sqlite_where=sa.text("cleanup IS NOT NULL"),
        postgresql_where=sa.text("cleanup IS NOT NULL"),
    )
    op.create_index("ix_job_kind_number", "job", ["kind", "number"], unique=False)
    op.create_index("ix_job_kind_state_number", "job", ["kind", "state", "number"], unique=False)
    op.create_index(
        "ix_job_org_id_number",
        "job",
        ["org_id", "number"],
        unique=False,
        sqlite_where=sa.text("org_id IS NOT NULL"),
        postgresql_where=sa.text("org_id IS NOT NULL"),
    )
    op.create_index("ix_job_state_number", "job", ["state", "number"], unique=False)
    op.create_index("ix_job_task_id_number", "job", ["task_id", "number"], unique=False)
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "job_schedule",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_schedule")),
    )
    op.create_table(
        "job_tally",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "queue", "phase", "slot", name=op.f("pk_job_tally")),
    )
    op.create_table(
        "job_worker",
        sa.Column("executor_id", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_start", sa.String(length=32), nullable=False),
        sa.Column("queues", json, nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_job_worker")),
    )
    op.create_table(
        "list_tally",
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("org_id", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list", "org_id", "scope", "state", name=op.f("pk_list_tally")),
    )
    op.create_table(
        "projects",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_projects")),
        sa.UniqueConstraint("project_id", name=op.f("uq_projects_project_id")),
    )
    op.create_index("ix_projects_org_id_number", "projects", ["org_id", "number"], unique=False)
    op.create_table(
        "queue_items",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=True),
        sa.Column("asset_id", sa.String(length=255), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("hashtags", json, nullable=False),
        sa.Column("platforms", json, nullable=False),
        sa.Column("schedule_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_queue_items")),
        sa.UniqueConstraint("item_id", name=op.f("uq_queue_items_item_id")),
        sa.UniqueConstraint("job_id", name=op.f("uq_queue_items_job_id")),
        sa.UniqueConstraint("org_id", "idempotency_key", name=op.f("uq_queue_items_org_id_idempotency_key")),
    )
    op.create_index("ix_queue_items_org_id_number", "queue_items", ["org_id", "number"], unique=False)
    op.create_index(
        "ix_queue_items_org_id_project_id_number", "queue_items", ["org_id", "project_id", "number"], unique=False
    )
    op.create_index(
        "ix_queue_items_org_id_project_id_state_number",
        "queue_items",
        ["org_id", "project_id", "state", "number"],
        unique=False,
    )
    op.create_index("ix_queue_items_org_id_state_number", "queue_items", ["org_id", "state", "number"], unique=False)
    op.create_table(
        "score_artifacts",
        sa.Column("score_job_id", sa.String(length=64), nullable=False),
        sa.Column("gold_video_id", sa.Integer(), nullable=False),
        sa.Column("trainee_video_id", sa.Integer(), nullable=False),
        sa.Column("plot_key", sa.String(length=128), nullable=False),
        sa.Column("report_job_id", sa.String(length=64), nullable=False),
        sa.Column("report_key", sa.String(length=128), nullable=True),
        sa.Column("frames_key", sa.String(length=128), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("score_job_id", name=op.f("pk_score_artifacts")),
    )
    op.create_index("ix_score_artifacts_gold_video_id", "score_artifacts", ["gold_video_id"], unique=False)
    op.create_index("ix_score_artifacts_trainee_video_id", "score_artifacts", ["trainee_video_id"], unique=False)
    op.create_table(
        "service_client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_service_client")),
    )
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_pem", sa.Text(), nullable=False),
        sa.Column("private_pem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(length=255), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_tasks")),
    )
    op.create_table(
        "video_ids",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_video_ids")),
    )
    op.create_table(
        "videos",
        sa.Column("video_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("job_id", sa.String(length=128), nullable=False),
        sa.Column("task_id", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("site_id", sa.String(length=255), nullable=True),
        sa.Column("camera_id", sa.String(length=255), nullable=True),
        sa.Column("operator_id_hash", sa.String(length=255), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("num_clips", sa.Integer(), nullable=False),
        sa.Column("source_fps", sa.Float(), nullable=False),
        sa.Column("sampled_fps", sa.Float(), nullable=False),
        sa.Column("duration_sec", sa.Float(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("embedding_model", sa.String(length=255), nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("privacy_mask", sa.Text(), nullable=True),
        sa.Column("privacy_mode", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_videos")),
        sa.UniqueConstraint("job_id", name=op.f("uq_videos_job_id")),
    )
    op.create_index("ix_videos_task_id_video_id", "videos", ["task_id", "video_id"], unique=False)
    op.create_table(
        "accepted_takes",
        sa.Column("video_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task_id", sa.String(length=255), nullable=False),
        sa.Column("accepted_by", sa.String(length=255), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.video_id"], name=op.f("fk_accepted_takes_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_accepted_takes")),
    )
    op.create_index("ix_accepted_takes_task_id", "accepted_takes", ["task_id"], unique=False)
    op.create_table(
        "clips",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("clip_idx", sa.Integer(), nullable=False),
        sa.Column("start_sec", sa.Float(), nullable=False),
        sa.Column("end_sec", sa.Float(), nullable=False),
        sa.Column("mean_luma", sa.Float(), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=False),
        sa.Column("flags", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.video_id"], name=op.f("fk_clips_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", "clip_idx", name=op.f("pk_clips")),
    )
    op.create_table(
        "found_steps",
        sa.Column("video_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("embedding_model", sa.String(length=255), nullable=False),
        sa.Column("algorithm", sa.String(length=32), nullable=False),
        sa.Column("boundaries", json, nullable=False),
        sa.Column("phased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.video_id"], name=op.f("fk_found_steps_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_found_steps")),
    )
    op.create_table(
        "gold_steps",
        sa.Column("video_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("steps", json, nullable=True),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.video_id"], name=op.f("fk_gold_steps_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_gold_steps")),
    )
    op.create_table(
        "reference_readings",
        sa.Column("gold_video_id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("reading", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["gold_video_id"],
            ["videos.video_id"],
            name=op.f("fk_reference_readings_gold_video_id_videos"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.video_id"], name=op.f("fk_reference_readings_video_id_videos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gold_video_id", "video_id", name=op.f("pk_reference_readings")),
    )
    op.create_index("ix_reference_readings_video_id", "reference_readings", ["video_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries\n       BEGIN SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END"
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries\n       BEGIN SELECT RAISE(ABORT, 'the audit trail cannot be changed'); END"
        )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entries_in_order BEFORE INSERT ON audit_entries\n       WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_entries)\n       BEGIN SELECT RAISE(ABORT, 'the audit trail has no gaps'); END"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$\n       BEGIN RAISE EXCEPTION 'the audit trail cannot be changed'; END $$"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries\n       FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()"
        )


def downgrade() -> None:
    op.drop_index("ix_reference_readings_video_id", table_name="reference_readings")
    op.drop_table("reference_readings")
    op.drop_table("gold_steps")
    op.drop_table("found_steps")
    op.drop_table("clips")
    op.drop_index("ix_accepted_takes_task_id", table_name="accepted_takes")
    op.drop_table("accepted_takes")
    op.drop_index("ix_videos_task_id_video_id", table_name="videos")
    op.drop_table("videos")
    op.drop_table("video_ids")
    op.drop_table("tasks")
    op.drop_table("signing_key")
    op.drop_table("service_client")
    op.drop_index("ix_score_artifacts_trainee_video_id", table_name="score_artifacts")
    op.drop_index("ix_score_artifacts_gold_video_id", table_name="score_artifacts")
    op.drop_table("score_artifacts")
    op.drop_index("ix_queue_items_org_id_state_number", table_name="queue_items")
    op.drop_index("ix_queue_items_org_id_project_id_state_number", table_name="queue_items")
    op.drop_index("ix_queue_items_org_id_project_id_number", table_name="queue_items")
    op.drop_index("ix_queue_items_org_id_number", table_name="queue_items")
    op.drop_table("queue_items")
    op.drop_index("ix_projects_org_id_number", table_name="projects")
    op.drop_table("projects")
    op.drop_table("list_tally")
    op.drop_table("job_worker")
    op.drop_table("job_tally")
    op.drop_table("job_schedule")
    op.drop_table("job_lease")
    op.drop_index("ix_job_task_id_number", table_name="job")
    op.drop_index("ix_job_state_number", table_name="job")
    op.drop_index(
        "ix_job_org_id_number",
        table_name="job",
        sqlite_where=sa.text("org_id IS NOT NULL"),
        postgresql_where=sa.text("org_id IS NOT NULL"),
    )
    op.drop_index("ix_job_kind_state_number", table_name="job")
    op.drop_index("ix_job_kind_number", table_name="job")
    op.drop_index(
        "ix_job_cleanup",
        table_name="job",
        sqlite_where=sa.text("cleanup IS NOT NULL"),
        postgresql_where=sa.text("cleanup IS NOT NULL"),
    )
    op.drop_index(
        "ix_job_claimed_by",
        table_name="job",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_table("job")
    op.drop_index("ix_index_versions_embedding_model_number", table_name="index_versions")
    op.drop_table("index_versions")
    op.drop_index(op.f("ix_counted_calls_ends_at"), table_name="counted_calls")
    op.drop_table("counted_calls")
    op.drop_table("audit_exports")
    op.drop_index(op.f("ix_audit_entries_job_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index("ix_assets_org_id_state_number", table_name="assets")
    op.drop_index("ix_assets_org_id_number", table_name="assets")
    op.drop_index("ix_assets_org_id_kind_state_number", table_name="assets")
    op.drop_index("ix_assets_org_id_kind_number", table_name="assets")
    op.drop_index(op.f("ix_assets_job_id"), table_name="assets")
    op.drop_index(op.f("ix_assets_expires_at"), table_name="assets")
    op.drop_table("assets")
