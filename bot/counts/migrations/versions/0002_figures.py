"""Figures that others have published: decision record 0011."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    day = sa.Date().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "figures",
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("first_day", day, nullable=False),
        sa.Column("last_day", day, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("grade", sa.String(1), nullable=False),
        sa.PrimaryKeyConstraint("area", "kind", "first_day"),
        sa.CheckConstraint("number >= 0", name="figure_is_a_count"),
    )


def downgrade() -> None:
    """Drop it, with all that was imported."""
    op.drop_table("figures")
