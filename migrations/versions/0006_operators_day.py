"""operators day.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
        batch_op.create_index(batch_op.f("ix_plan_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_state"))
        batch_op.drop_column("state")
