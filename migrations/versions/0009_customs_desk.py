"""the customs and tax desk.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

from app.db import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customs_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "name",
                "platform",
                "platform_name",
                "office",
                "dxp",
                "net_percent",
                name="customs_code_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customs_code")),
        sa.UniqueConstraint("subject", "kind", name=op.f("uq_customs_code_subject_kind")),
    )
    op.create_table(
        "declaration_summary",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customs_mode",
            sa.Enum(
                "0110",
                "1210",
                "9610",
                "9710",
                "9810",
                name="summary_customs_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "transport_mode",
            sa.Enum(
                "air",
                "sea",
                "rail",
                "ferry",
                "road",
                "last_mile",
                name="summary_transport_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "rejected",
                "refunded",
                name="summary_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("entry_id", sa.String(length=18), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("refund_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refunded_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "sold",
                "reversed",
                name="summary_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(refund_minor IS NULL) = (refunded_on IS NULL)", name=op.f("ck_declaration_summary_refund")
        ),
        sa.CheckConstraint(
            "(settled_on IS NULL) = (outcome IS NULL)", name=op.f("ck_declaration_summary_settled")
        ),
        sa.CheckConstraint(
            "settled_on IS NULL OR refunded_on IS NOT NULL",
            name=op.f("ck_declaration_summary_settled_refund"),
        ),
        sa.ForeignKeyConstraint(
            ["exporter_id"], ["party.id"], name=op.f("fk_declaration_summary_exporter_id")
        ),
        sa.ForeignKeyConstraint(["port_id"], ["location.id"], name=op.f("fk_declaration_summary_port_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_summary")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_declaration_summary_entry_id")),
        sa.UniqueConstraint("number", name=op.f("uq_declaration_summary_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_declaration_summary_public_id")),
    )
    with op.batch_alter_table("declaration_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_declaration_summary_exporter_id"), ["exporter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_declaration_summary_status"), ["status"], unique=False)

    op.create_table(
        "declaration_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customs_mode",
            sa.Enum(
                "0110",
                "1210",
                "9610",
                "9710",
                "9810",
                name="list_customs_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "ceb", "h2018", name="list_channel", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "statistics_flag",
            sa.Enum(
                "A", "B", name="list_statistics_flag", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("port_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "transport_mode",
            sa.Enum(
                "air",
                "sea",
                "rail",
                "ferry",
                "road",
                "last_mile",
                name="list_transport_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "pre_check_failed",
                "submitted",
                "accepted",
                "released",
                "rejected",
                "taken_back",
                "summarised",
                "refunded",
                name="list_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gross_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mismatched", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("customs_number", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("summary_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(summary_id IS NULL) = (status NOT IN ('summarised', 'refunded'))",
            name=op.f("ck_declaration_list_summary"),
        ),
        sa.CheckConstraint(
            "lines > 0 AND gross_g > 0 AND value_minor >= 0", name=op.f("ck_declaration_list_sums")
        ),
        sa.CheckConstraint(
            "mismatched >= 0 AND warned >= 0 AND moved >= 0", name=op.f("ck_declaration_list_counts")
        ),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_declaration_list_exporter_id")),
        sa.ForeignKeyConstraint(["port_id"], ["location.id"], name=op.f("fk_declaration_list_port_id")),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["declaration_summary.id"], name=op.f("fk_declaration_list_summary_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_list")),
        sa.UniqueConstraint("number", name=op.f("uq_declaration_list_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_declaration_list_public_id")),
    )
    with op.batch_alter_table("declaration_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_declaration_list_exporter_id"), ["exporter_id"], unique=False)
        batch_op.create_index("ix_declaration_list_month_id", ["month", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_declaration_list_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_declaration_list_summary_id"), ["summary_id"], unique=False)

    op.create_table(
        "declaration_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("customs_number", sa.String(length=20), nullable=True),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("waybill_number", sa.String(length=24), nullable=True),
        sa.Column("hs_code", sa.String(length=12), nullable=True),
        sa.Column("goods_class", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("departure_number", sa.String(length=40), nullable=True),
        sa.Column("departs_on", sa.Date(), nullable=False),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_cny_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gross_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("gross_g > 0 AND value_minor >= 0", name=op.f("ck_declaration_line_size")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["declaration_list.id"], name=op.f("fk_declaration_line_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_declaration_line_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_line")),
        sa.UniqueConstraint("list_id", "seq", name=op.f("uq_declaration_line_list_id_seq")),
        sa.UniqueConstraint("number", name=op.f("uq_declaration_line_number")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_declaration_line_parcel_id")),
        sa.UniqueConstraint("waybill_number", name=op.f("uq_declaration_line_waybill_number")),
    )
    op.create_table(
        "payment_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("noted_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_payment_receipt_parcel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_receipt")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_payment_receipt_parcel_id")),
    )


def downgrade() -> None:
    op.drop_table("payment_receipt")
    op.drop_table("declaration_line")
    with op.batch_alter_table("declaration_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_declaration_list_summary_id"))
        batch_op.drop_index(batch_op.f("ix_declaration_list_status"))
        batch_op.drop_index("ix_declaration_list_month_id")
        batch_op.drop_index(batch_op.f("ix_declaration_list_exporter_id"))

    op.drop_table("declaration_list")
    with op.batch_alter_table("declaration_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_declaration_summary_status"))
        batch_op.drop_index(batch_op.f("ix_declaration_summary_exporter_id"))

    op.drop_table("declaration_summary")
    op.drop_table("customs_code")
