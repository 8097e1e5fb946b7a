"""operators day.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

from app.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


REASONS = (
    "CUTOFF_MISSED", "WEIGHT_FULL", "VOLUME_FULL", "TEU_FULL", "DG_NOT_ALLOWED", "LATE", "CUSTOMS_MODE",
    "CREDIT_HOLD", "NO_ROUTE", "COSTLIER",
)  # fmt: skip


def _let_reasons(*codes: str) -> None:
    words = ", ".join(f"'{code}'" for code in codes)
    name = op.f("ck_plan_item_plan_item_reason")
    if op.get_bind().dialect.name == "sqlite":  # which cannot change a constraint of a table that is there
        with op.batch_alter_table("plan_item", recreate="always") as table:
            table.drop_constraint(name, type_="check")
            table.create_check_constraint(name, f"reason IN ({words})")
    else:
        op.drop_constraint(name, "plan_item", type_="check")
        op.create_check_constraint(name, "plan_item", f"reason IN ({words})")


def upgrade() -> None:
    _let_reasons(*REASONS, "CHANNEL_RULE", "LEFT_BY_OPERATOR")
    op.create_table(
        "bulk_edit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("changed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unchanged", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("undone_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_edit_public_id")),
    )
    with op.batch_alter_table("bulk_edit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_edit_created_at"), ["created_at"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("header_sha256", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("constants", sa.JSON(), nullable=False),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("owner", "kind", "name", name=op.f("uq_import_mapping_owner_kind_name")),
    )
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_mapping_header_sha256"), ["header_sha256"], unique=False)

    op.create_table(
        "import_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("encoding", sa.String(length=16), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("constants", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "mapping",
                "checking",
                "checked",
                "saving",
                "discarded",
                name="draft_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rows_read", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows_bad", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows_skipped", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows_added", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows_updated", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows_unchanged", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_draft_batch_id")),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_import_draft_exporter_id")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_import_draft_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_draft_public_id")),
    )
    with op.batch_alter_table("import_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_draft_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_draft_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_draft_exporter_id"), ["exporter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_draft_requested_by"), ["requested_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_draft_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "plan_commit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_by", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("requested_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("started_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_commit_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_commit")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_plan_commit_plan_id")),
    )
    op.create_table(
        "quote_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name=op.f("fk_quote_link_quote_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quote_link_public_id")),
    )
    with op.batch_alter_table("quote_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_link_quote_id"), ["quote_id"], unique=False)

    op.create_table(
        "scenario",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("patches", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("promoted_by", sa.String(length=40), nullable=True),
        sa.Column("promoted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("archived_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_scenario_plan_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["optimization_run.id"], name=op.f("fk_scenario_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scenario_public_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_scenario_run_id")),
    )
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.create_index("ix_scenario_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "exception_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "departure_cancelled",
                "closing_underfilled",
                "hold_expiring",
                "goods_late",
                "customs_hold",
                "relief_deadline",
                "webhook_failing",
                "run_failed",
                "count_differs",
                name="exception_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("snoozed_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_exception_note_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_note")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_exception_note_kind_subject")),
    )
    with op.batch_alter_table("exception_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exception_note_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "import_draft_fault",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("column", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("suggestion", sa.String(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("proposal", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["import_draft.id"], name=op.f("fk_import_draft_fault_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft_fault")),
    )
    with op.batch_alter_table("import_draft_fault", schema=None) as batch_op:
        batch_op.create_index("ix_import_draft_fault_draft_id_code", ["draft_id", "code"], unique=False)
        batch_op.create_index("ix_import_draft_fault_draft_id_column", ["draft_id", "column"], unique=False)
        batch_op.create_index("ix_import_draft_fault_draft_id_row", ["draft_id", "row"], unique=False)

    op.create_table(
        "import_draft_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["import_draft.id"], name=op.f("fk_import_draft_row_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft_row")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_import_draft_row_draft_id_number")),
    )
    op.create_table(
        "plan_chain",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("departures", sa.JSON(), nullable=False),
        sa.Column("itineraries", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "done",
                name="plan_chain_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parcels", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bookings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stale", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finished_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["commit_id"], ["plan_commit.id"], name=op.f("fk_plan_chain_commit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_chain")),
        sa.UniqueConstraint("commit_id", "seq", name=op.f("uq_plan_chain_commit_id_seq")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_filter_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_filter_public_id")),
    )
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.create_index("ix_saved_filter_page_shared", ["page", "shared"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_filter_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_saved_filter_name",
            ["user_id", "page", "name"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "plan_booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("itinerary_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcels", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_plan_booking_booking_id")),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["plan_chain.id"], name=op.f("fk_plan_booking_chain_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_plan_booking_exporter_id")),
        sa.ForeignKeyConstraint(
            ["itinerary_id"],
            ["plan_itinerary.id"],
            name=op.f("fk_plan_booking_itinerary_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_booking_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_booking")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_plan_booking_booking_id")),
        sa.UniqueConstraint(
            "plan_id",
            "exporter_id",
            "itinerary_id",
            name=op.f("uq_plan_booking_plan_id_exporter_id_itinerary_id"),
        ),
    )
    with op.batch_alter_table("plan_booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_booking_chain_id"), ["chain_id"], unique=False)

    op.create_table(
        "shipment_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("received_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=32), nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint("(sha256 IS NULL) = (media_type IS NULL)", name=op.f("ck_shipment_document_file")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_shipment_document_withdrawn")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_shipment_document_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_document")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shipment_document_public_id")),
    )
    with op.batch_alter_table("shipment_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_document_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "shipment_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("for_exporter", sa.Boolean(), nullable=False),
        sa.Column("written_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.String(length=40), nullable=False),
        sa.Column("by_exporter", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_shipment_note_withdrawn")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_shipment_note_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["shipment_note.id"],
            name=op.f("fk_shipment_note_replaces_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_note")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shipment_note_public_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_shipment_note_replaces_id")),
    )
    with op.batch_alter_table("shipment_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_note_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "bulk_edit_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["bulk_edit.id"], name=op.f("fk_bulk_edit_row_edit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_bulk_edit_row_parcel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edit_row")),
        sa.UniqueConstraint("edit_id", "parcel_id", name=op.f("uq_bulk_edit_row_edit_id_parcel_id")),
    )
    with op.batch_alter_table("bulk_edit_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_edit_row_parcel_id"), ["parcel_id"], unique=False)

    op.create_table(
        "channel_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pin",
                "forbid",
                name="channel_rule_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "mode",
            sa.Enum(
                "air",
                "sea",
                "rail",
                "ferry",
                "road",
                "last_mile",
                name="channel_rule_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(service_id IS NOT NULL AND departure_id IS NULL AND mode IS NULL) OR (service_id IS NULL AND departure_id IS NOT NULL AND mode IS NULL) OR (service_id IS NULL AND departure_id IS NULL AND mode IS NOT NULL)",
            name=op.f("ck_channel_rule_one_channel"),
        ),
        sa.ForeignKeyConstraint(
            ["departure_id"], ["departure.id"], name=op.f("fk_channel_rule_departure_id")
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_channel_rule_parcel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_channel_rule_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_channel_rule_public_id")),
    )
    with op.batch_alter_table("channel_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channel_rule_departure_id"), ["departure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_channel_rule_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_channel_rule_service_id"), ["service_id"], unique=False)
        batch_op.create_index(
            "uq_channel_rule_pin",
            ["parcel_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'pin'"),
            postgresql_where=sa.text("kind = 'pin'"),
        )

    op.create_table(
        "plan_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lock",
                "override",
                "leave",
                name="plan_decision_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("extra_cost_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_plan_decision_parcel_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_decision_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_decision")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_decision_plan_id_number")),
    )
    with op.batch_alter_table("plan_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_decision_parcel_id"), ["parcel_id"], unique=False)

    op.create_table(
        "plan_stale",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "parcel_cancelled",
                "parcel_under_way",
                "booked_already",
                "lane_changed",
                "cutoff_missed",
                "would_be_late",
                "departure_cancelled",
                "departure_closed",
                "departure_changed",
                "cutoff_passed",
                "no_room",
                "credit_hold",
                "credit_limit_exceeded",
                "no_price",
                "decided_otherwise",
                "disposition_refused",
                "awaits_approval",
                "no_return",
                "refused",
                name="plan_stale_code",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("fact", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["plan_chain.id"], name=op.f("fk_plan_stale_chain_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_plan_stale_parcel_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_stale_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_stale")),
        sa.UniqueConstraint("plan_id", "parcel_id", name=op.f("uq_plan_stale_plan_id_parcel_id")),
    )
    with op.batch_alter_table("plan_stale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_stale_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_stale_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index("ix_plan_stale_plan_id_code", ["plan_id", "code"], unique=False)

    op.create_table(
        "scenario_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scenario_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("after_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_scenario_move_parcel_id")),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_move_scenario_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_move")),
        sa.UniqueConstraint("scenario_id", "parcel_id", name=op.f("uq_scenario_move_scenario_id_parcel_id")),
    )
    with op.batch_alter_table("scenario_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenario_move_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_move_scenario_id"), ["scenario_id"], unique=False)

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_actor"), ["actor"], unique=False)

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hs_code", sa.String(length=12), nullable=True))
        batch_op.create_index(
            "ix_parcel_exporter_id_status_ready_at", ["exporter_id", "status", "ready_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_parcel_hs_code"), ["hs_code"], unique=False)
        batch_op.create_index("ix_parcel_ready_at_id", ["ready_at", "id"], unique=False)
        batch_op.create_index("ix_parcel_status_deliver_by_id", ["status", "deliver_by", "id"], unique=False)
        batch_op.create_index("ix_parcel_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_parcel_status_weight_g_id", ["status", "weight_g", "id"], unique=False)

    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "draft",
                    "committing",
                    "committed",
                    "discarded",
                    name="plan_state",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                server_default="draft",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "version",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.create_index(batch_op.f("ix_plan_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_state"))
        batch_op.drop_constraint(batch_op.f("ck_plan_plan_state"), type_="check")
        batch_op.drop_column("version")
        batch_op.drop_column("state")

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_index("ix_parcel_status_weight_g_id")
        batch_op.drop_index("ix_parcel_status_id")
        batch_op.drop_index("ix_parcel_status_deliver_by_id")
        batch_op.drop_index("ix_parcel_ready_at_id")
        batch_op.drop_index(batch_op.f("ix_parcel_hs_code"))
        batch_op.drop_index("ix_parcel_exporter_id_status_ready_at")
        batch_op.drop_column("hs_code")

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_actor"))

    with op.batch_alter_table("scenario_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_move_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_scenario_move_parcel_id"))

    op.drop_table("scenario_move")
    with op.batch_alter_table("plan_stale", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_stale_plan_id_code")
        batch_op.drop_index(batch_op.f("ix_plan_stale_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_plan_stale_chain_id"))

    op.drop_table("plan_stale")
    with op.batch_alter_table("plan_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_decision_parcel_id"))

    op.drop_table("plan_decision")
    with op.batch_alter_table("channel_rule", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_channel_rule_pin",
            sqlite_where=sa.text("kind = 'pin'"),
            postgresql_where=sa.text("kind = 'pin'"),
        )
        batch_op.drop_index(batch_op.f("ix_channel_rule_service_id"))
        batch_op.drop_index(batch_op.f("ix_channel_rule_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_channel_rule_departure_id"))

    op.drop_table("channel_rule")
    with op.batch_alter_table("bulk_edit_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_edit_row_parcel_id"))

    op.drop_table("bulk_edit_row")
    with op.batch_alter_table("shipment_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_note_booking_id"))

    op.drop_table("shipment_note")
    with op.batch_alter_table("shipment_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_document_booking_id"))

    op.drop_table("shipment_document")
    with op.batch_alter_table("plan_booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_booking_chain_id"))

    op.drop_table("plan_booking")
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_saved_filter_name",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_saved_filter_user_id"))
        batch_op.drop_index("ix_saved_filter_page_shared")

    op.drop_table("saved_filter")
    op.drop_table("plan_chain")
    op.drop_table("import_draft_row")
    with op.batch_alter_table("import_draft_fault", schema=None) as batch_op:
        batch_op.drop_index("ix_import_draft_fault_draft_id_row")
        batch_op.drop_index("ix_import_draft_fault_draft_id_column")
        batch_op.drop_index("ix_import_draft_fault_draft_id_code")

    op.drop_table("import_draft_fault")
    with op.batch_alter_table("exception_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exception_note_owner_id"))

    op.drop_table("exception_note")
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_plan_id"))
        batch_op.drop_index("ix_scenario_created_at_id")

    op.drop_table("scenario")
    with op.batch_alter_table("quote_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quote_link_quote_id"))

    op.drop_table("quote_link")
    op.drop_table("plan_commit")
    with op.batch_alter_table("import_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_draft_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_import_draft_requested_by"))
        batch_op.drop_index(batch_op.f("ix_import_draft_exporter_id"))
        batch_op.drop_index(batch_op.f("ix_import_draft_created_at"))
        batch_op.drop_index(batch_op.f("ix_import_draft_batch_id"))

    op.drop_table("import_draft")
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_mapping_header_sha256"))

    op.drop_table("import_mapping")
    with op.batch_alter_table("bulk_edit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_edit_created_at"))

    op.drop_table("bulk_edit")
    op.execute(
        "UPDATE plan_item SET reason = 'NO_ROUTE' WHERE reason IN ('CHANNEL_RULE', 'LEFT_BY_OPERATOR')"
    )
    _let_reasons(*REASONS)
