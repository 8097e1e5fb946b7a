"""run blocks.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["optimization_run.id"], name=op.f("fk_run_block_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_run_block_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_block")),
        sa.UniqueConstraint("job_id", name=op.f("uq_run_block_job_id")),
        sa.UniqueConstraint("run_id", "round", "number", name=op.f("uq_run_block_run_id_round_number")),
    )


def downgrade() -> None:
    # Jobs of a kind that the version before does not know would never be done.
    op.execute("DELETE FROM job WHERE kind = 'solve_block'")
    op.drop_table("run_block")
