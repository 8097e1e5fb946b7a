"""replans.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "replan",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("run_id", WHOLE, nullable=False),
        sa.Column("plan_id", WHOLE, nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["optimization_run.id"], name=op.f("fk_replan_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_replan_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replan")),
        sa.UniqueConstraint("run_id", name=op.f("uq_replan_run_id")),
    )
    op.create_index(op.f("ix_replan_plan_id"), "replan", ["plan_id"])
    op.create_table(
        "replan_move",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("replan_id", WHOLE, nullable=False),
        sa.Column("parcel_id", WHOLE, nullable=False),
        sa.Column("affected", sa.Boolean(), nullable=False),
        sa.Column("before_minor", WHOLE, nullable=False),
        sa.Column("after_minor", WHOLE, nullable=False),
        sa.Column("price_minor", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["replan_id"], ["replan.id"], name=op.f("fk_replan_move_replan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_replan_move_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replan_move")),
        sa.UniqueConstraint("replan_id", "parcel_id", name=op.f("uq_replan_move_replan_id_parcel_id")),
    )
    op.create_index(op.f("ix_replan_move_replan_id"), "replan_move", ["replan_id"])
    op.create_index(op.f("ix_replan_move_parcel_id"), "replan_move", ["parcel_id"])


def downgrade() -> None:
    # Jobs of a kind that the version before does not know would never be done.
    op.execute("DELETE FROM job WHERE kind = 'replan_run'")
    op.drop_table("replan_move")
    op.drop_table("replan")
