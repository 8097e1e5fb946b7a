"""failures and daily figures.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

from app.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_figure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figure", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noted_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_figure")),
        sa.UniqueConstraint("day", "figure", name=op.f("uq_daily_figure_day_figure")),
    )
    op.create_table(
        "failed_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=True),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_failed_request_exporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_request")),
    )
    with op.batch_alter_table("failed_request", schema=None) as batch_op:
        batch_op.create_index("ix_failed_request_at_id", ["at", "id"], unique=False)
        batch_op.create_index(
            "ix_failed_request_exporter_id_at_id", ["exporter_id", "at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_failed_request_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    op.drop_table("failed_request")
    op.drop_table("daily_figure")
