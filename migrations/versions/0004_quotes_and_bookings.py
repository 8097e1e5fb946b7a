"""quotes and bookings.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

from app.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_secret",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_carrier_secret_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_secret")),
        sa.UniqueConstraint("public_id", name=op.f("uq_carrier_secret_public_id")),
    )
    with op.batch_alter_table("carrier_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carrier_secret_party_id"), ["party_id"], unique=False)

    op.create_table(
        "invoice_series",
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="invoice_series_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_payment_exporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("exporter_id", "reference", name=op.f("uq_payment_exporter_id_reference")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_exporter_id"), ["exporter_id"], unique=False)

    op.create_table(
        "quote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("test_mode", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("origin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destination_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fx", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["destination_id"], ["location.id"], name=op.f("fk_quote_destination_id")),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_quote_exporter_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["location.id"], name=op.f("fk_quote_origin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quote_public_id")),
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_exporter_id"), ["exporter_id"], unique=False)

    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("previous_secret", sa.String(length=80), nullable=True),
        sa.Column("previous_until", UTCDateTime(), nullable=True),
        sa.Column("test_mode", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exporter_id"], ["party.id"], name=op.f("fk_webhook_subscription_exporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscription")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_subscription_public_id")),
    )
    with op.batch_alter_table("webhook_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_subscription_exporter_id"), ["exporter_id"], unique=False
        )

    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("legs", sa.JSON(), nullable=False),
        sa.Column("charges", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name=op.f("fk_offer_quote_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offer_public_id")),
        sa.UniqueConstraint("quote_id", "seq", name=op.f("uq_offer_quote_id_seq")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_quote_id"), ["quote_id"], unique=False)

    op.create_table(
        "webhook_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "delivered",
                "failed",
                name="webhook_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhook_subscription.id"],
            name=op.f("fk_webhook_message_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_message_public_id")),
    )
    with op.batch_alter_table("webhook_message", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_message_status_next_at", ["status", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_message_subject"), ["subject"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_webhook_message_subscription_id"), ["subscription_id"], unique=False
        )

    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("test_mode", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "RECEIVED",
                "PENDING_UPDATE",
                "UPDATE_RECEIVED",
                "CONFIRMED",
                "PENDING_AMENDMENT",
                "REJECTED",
                "DECLINED",
                "CANCELLED",
                "COMPLETED",
                name="booking_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "amendment_status",
            sa.Enum(
                "AMENDMENT_RECEIVED",
                "AMENDMENT_CONFIRMED",
                "AMENDMENT_DECLINED",
                "AMENDMENT_CANCELLED",
                name="amendment_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "cancellation_status",
            sa.Enum(
                "CANCELLATION_RECEIVED",
                "CANCELLATION_CONFIRMED",
                "CANCELLATION_DECLINED",
                name="cancellation_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("origin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destination_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customs_mode", sa.String(length=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charges", sa.JSON(), nullable=False),
        sa.Column("declared_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["destination_id"], ["location.id"], name=op.f("fk_booking_destination_id")),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_booking_exporter_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_booking_offer_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["location.id"], name=op.f("fk_booking_origin_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_booking_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_booking_offer_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_public_id")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_booking_quote_id")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(
            "ix_booking_exporter_id_created_at", ["exporter_id", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_booking_owed",
            ["exporter_id", "test_mode", "currency", "status", "total_minor"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_booking_status"), ["status"], unique=False)

    op.create_table(
        "handling_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("board_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alight_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payload_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("alight_seq > board_seq", name=op.f("ck_handling_unit_order")),
        sa.CheckConstraint(
            "held_cm3 >= 0 AND booked_cm3 >= 0 AND held_cm3 + booked_cm3 <= volume_cm3",
            name=op.f("ck_handling_unit_volume_never_oversold"),
        ),
        sa.CheckConstraint(
            "held_g >= 0 AND booked_g >= 0 AND held_g + booked_g <= payload_g",
            name=op.f("ck_handling_unit_weight_never_oversold"),
        ),
        sa.ForeignKeyConstraint(
            ["departure_id"], ["departure.id"], name=op.f("fk_handling_unit_departure_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_type_id"], ["unit_type.id"], name=op.f("fk_handling_unit_unit_type_id")
        ),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_handling_unit_exporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handling_unit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_handling_unit_public_id")),
    )
    with op.batch_alter_table("handling_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handling_unit_departure_id"), ["departure_id"], unique=False)

    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("status_code", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("took_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["webhook_message.id"],
            name=op.f("fk_webhook_attempt_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
        sa.UniqueConstraint("message_id", "attempt", name=op.f("uq_webhook_attempt_message_id_attempt")),
    )
    with op.batch_alter_table("webhook_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_attempt_message_id"), ["message_id"], unique=False)

    op.create_table(
        "booking_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_event_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_event")),
        sa.UniqueConstraint("booking_id", "seq", name=op.f("uq_booking_event_booking_id_seq")),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_event_public_id")),
    )
    with op.batch_alter_table("booking_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_event_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "booking_leg",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "air",
                "sea",
                "rail",
                "ferry",
                "road",
                "last_mile",
                name="booking_leg_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("board_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("alight_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("may_open", sa.Boolean(), nullable=False),
        sa.Column("cutoff_at", UTCDateTime(), nullable=True),
        sa.Column("departs_at", UTCDateTime(), nullable=False),
        sa.Column("arrives_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_leg_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["departure_id"], ["departure.id"], name=op.f("fk_booking_leg_departure_id")),
        sa.ForeignKeyConstraint(["from_id"], ["location.id"], name=op.f("fk_booking_leg_from_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_booking_leg_service_id")),
        sa.ForeignKeyConstraint(["to_id"], ["location.id"], name=op.f("fk_booking_leg_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_leg")),
        sa.UniqueConstraint("booking_id", "seq", name=op.f("uq_booking_leg_booking_id_seq")),
    )
    with op.batch_alter_table("booking_leg", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_leg_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_leg_departure_id"), ["departure_id"], unique=False)

    op.create_table(
        "booking_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filled", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weight_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("width_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("volume_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("goods_class", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("hs_code", sa.String(length=12), nullable=True),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "count > 0 AND weight_g > 0 AND volume_cm3 > 0", name=op.f("ck_booking_line_size")
        ),
        sa.CheckConstraint("filled >= 0 AND filled <= count", name=op.f("ck_booking_line_filled")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_line_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_line")),
        sa.UniqueConstraint("booking_id", "seq", name=op.f("uq_booking_line_booking_id_seq")),
    )
    with op.batch_alter_table("booking_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_line_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "consignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("waybill_number", sa.String(length=24), nullable=False),
        sa.Column("customs_mode", sa.String(length=4), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_consignment_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consignment_public_id")),
        sa.UniqueConstraint("waybill_number", name=op.f("uq_consignment_waybill_number")),
    )
    with op.batch_alter_table("consignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consignment_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="invoice_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_invoice_booking_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoice.id"], name=op.f("fk_invoice_corrects_id")),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_invoice_exporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_invoice_corrects_id")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invoice_public_id")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_exporter_id"), ["exporter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_issued_on"), ["issued_on"], unique=False)

    op.create_table(
        "transport_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("leg_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("void_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_transport_document_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["transport_document.id"],
            name=op.f("fk_transport_document_parent_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_document")),
        sa.UniqueConstraint(
            "booking_id", "leg_seq", "version", name=op.f("uq_transport_document_booking_id_leg_seq_version")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_transport_document_number")),
    )
    with op.batch_alter_table("transport_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transport_document_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "invoice_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leg_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_price_micros", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("priced_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("priced_currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("invoice_id", "seq", name=op.f("uq_invoice_line_invoice_id_seq")),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_line_invoice_id"), ["invoice_id"], unique=False)

    op.create_table(
        "space_allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "dimension",
            sa.Enum(
                "g",
                "cm3",
                "teu",
                "slot20",
                "slot40",
                "slot45",
                "uld_position",
                name="space_allocation_dimension",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "booked",
                "released",
                name="space_allocation_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("leg_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(pool_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_space_allocation_one_place")
        ),
        sa.CheckConstraint(
            "offer_id IS NOT NULL OR booking_id IS NOT NULL OR opened_unit_id IS NOT NULL",
            name=op.f("ck_space_allocation_owner"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_space_allocation_quantity")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_space_allocation_booking_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_space_allocation_offer_id")),
        sa.ForeignKeyConstraint(
            ["opened_unit_id"], ["handling_unit.id"], name=op.f("fk_space_allocation_opened_unit_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["capacity_pool.id"], name=op.f("fk_space_allocation_pool_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["handling_unit.id"], name=op.f("fk_space_allocation_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_allocation")),
    )
    with op.batch_alter_table("space_allocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_space_allocation_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_space_allocation_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_space_allocation_opened_unit_id"), ["opened_unit_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_space_allocation_pool_id"), ["pool_id"], unique=False)
        batch_op.create_index("ix_space_allocation_state_expires_at", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_space_allocation_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "tracking_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("call_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "event_type",
            sa.Enum(
                "SHIPMENT",
                "TRANSPORT",
                "EQUIPMENT",
                name="tracking_event_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "classifier",
            sa.Enum(
                "PLN",
                "EST",
                "ACT",
                name="tracking_event_classifier",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("happens_at", UTCDateTime(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "departure_id IS NOT NULL OR booking_id IS NOT NULL OR parcel_id IS NOT NULL",
            name=op.f("ck_tracking_event_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_tracking_event_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["departure_id"],
            ["departure.id"],
            name=op.f("fk_tracking_event_departure_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_tracking_event_location_id")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name=op.f("fk_tracking_event_parcel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tracking_event_public_id")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_tracking_event_source_source_id")),
    )
    with op.batch_alter_table("tracking_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tracking_event_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(
            "ix_tracking_event_departure_id_call_seq", ["departure_id", "call_seq"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tracking_event_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index("ix_tracking_event_received_at_id", ["received_at", "id"], unique=False)

    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("scopes", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("test_mode", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("network_revision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "timetable",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tracking_number", sa.String(length=24), nullable=True))
        batch_op.add_column(
            sa.Column("booking_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("consignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_parcel_booking_line_id"), ["booking_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_consignment_id"), ["consignment_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_parcel_tracking_number"), ["tracking_number"])
        batch_op.create_foreign_key(
            batch_op.f("fk_parcel_consignment_id"), "consignment", ["consignment_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_parcel_booking_line_id"), "booking_line", ["booking_line_id"], ["id"]
        )

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "credit_limit_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("credit_currency", sa.String(length=3), server_default="CNY", nullable=False)
        )
        batch_op.add_column(sa.Column("credit_hold_reason", sa.String(length=200), nullable=True))

    # ### end Alembic commands ###


def downgrade() -> None:
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_column("credit_hold_reason")
        batch_op.drop_column("credit_currency")
        batch_op.drop_column("credit_limit_minor")

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_parcel_booking_line_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_parcel_consignment_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_parcel_tracking_number"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_parcel_consignment_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_booking_line_id"))
        batch_op.drop_column("consignment_id")
        batch_op.drop_column("booking_line_id")
        batch_op.drop_column("tracking_number")

    with op.batch_alter_table("network_revision", schema=None) as batch_op:
        batch_op.drop_column("timetable")

    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_column("test_mode")
        batch_op.drop_column("scopes")
        batch_op.drop_column("name")

    with op.batch_alter_table("tracking_event", schema=None) as batch_op:
        batch_op.drop_index("ix_tracking_event_received_at_id")
        batch_op.drop_index(batch_op.f("ix_tracking_event_parcel_id"))
        batch_op.drop_index("ix_tracking_event_departure_id_call_seq")
        batch_op.drop_index(batch_op.f("ix_tracking_event_booking_id"))

    op.drop_table("tracking_event")
    with op.batch_alter_table("space_allocation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_space_allocation_unit_id"))
        batch_op.drop_index("ix_space_allocation_state_expires_at")
        batch_op.drop_index(batch_op.f("ix_space_allocation_pool_id"))
        batch_op.drop_index(batch_op.f("ix_space_allocation_opened_unit_id"))
        batch_op.drop_index(batch_op.f("ix_space_allocation_offer_id"))
        batch_op.drop_index(batch_op.f("ix_space_allocation_booking_id"))

    op.drop_table("space_allocation")
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_line_invoice_id"))

    op.drop_table("invoice_line")
    with op.batch_alter_table("transport_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transport_document_booking_id"))

    op.drop_table("transport_document")
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_issued_on"))
        batch_op.drop_index(batch_op.f("ix_invoice_exporter_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_booking_id"))

    op.drop_table("invoice")
    with op.batch_alter_table("consignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consignment_booking_id"))

    op.drop_table("consignment")
    with op.batch_alter_table("booking_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_line_booking_id"))

    op.drop_table("booking_line")
    with op.batch_alter_table("booking_leg", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_leg_departure_id"))
        batch_op.drop_index(batch_op.f("ix_booking_leg_booking_id"))

    op.drop_table("booking_leg")
    with op.batch_alter_table("booking_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_event_booking_id"))

    op.drop_table("booking_event")
    with op.batch_alter_table("webhook_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_attempt_message_id"))

    op.drop_table("webhook_attempt")
    with op.batch_alter_table("handling_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handling_unit_departure_id"))

    op.drop_table("handling_unit")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_status"))
        batch_op.drop_index("ix_booking_owed")
        batch_op.drop_index("ix_booking_exporter_id_created_at")

    op.drop_table("booking")
    with op.batch_alter_table("webhook_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_message_subscription_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_message_subject"))
        batch_op.drop_index("ix_webhook_message_status_next_at")

    op.drop_table("webhook_message")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_quote_id"))

    op.drop_table("offer")
    with op.batch_alter_table("webhook_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_subscription_exporter_id"))

    op.drop_table("webhook_subscription")
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quote_exporter_id"))
        batch_op.drop_index(batch_op.f("ix_quote_expires_at"))
        batch_op.drop_index(batch_op.f("ix_quote_created_at"))

    op.drop_table("quote")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_exporter_id"))

    op.drop_table("payment")
    op.drop_table("invoice_series")
    with op.batch_alter_table("carrier_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_carrier_secret_party_id"))

    op.drop_table("carrier_secret")
