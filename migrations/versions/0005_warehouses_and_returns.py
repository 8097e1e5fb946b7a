"""warehouses and returns.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

import sqlalchemy as sa
from alembic import op

from app.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sku",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("barcode", sa.String(length=64), nullable=True),
        sa.Column("weight_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("width_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("volume_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("goods_class", sa.String(length=32), nullable=False),
        sa.Column("hs_code", sa.String(length=12), nullable=True),
        sa.Column("origin_country", sa.String(length=2), nullable=True),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "issue_rule",
            sa.Enum(
                "fifo", "fefo", name="sku_issue_rule", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_sku_value")),
        sa.CheckConstraint("weight_g > 0 AND volume_cm3 > 0", name=op.f("ck_sku_size")),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_sku_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sku")),
        sa.UniqueConstraint("owner_id", "code", name=op.f("uq_sku_owner_id_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sku_public_id")),
    )
    with op.batch_alter_table("sku", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sku_barcode"), ["barcode"], unique=False)
        batch_op.create_index("ix_sku_code_id", ["code", "id"], unique=False)

    op.create_table(
        "dock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("opens_local", sa.String(length=5), nullable=False),
        sa.Column("closes_local", sa.String(length=5), nullable=False),
        sa.Column("slot_min", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("opens_local < closes_local", name=op.f("ck_dock_hours")),
        sa.CheckConstraint("slot_min BETWEEN 5 AND 1440", name=op.f("ck_dock_slot_min")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_dock_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dock")),
        sa.UniqueConstraint("warehouse_id", "code", name=op.f("uq_dock_warehouse_id_code")),
    )
    with op.batch_alter_table("dock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dock_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "stock_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="stock_lot_condition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "customs_status",
            sa.Enum(
                "free",
                "bonded",
                "supervised",
                name="stock_lot_customs_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_stock_lot_owner_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_stock_lot_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lot")),
        sa.UniqueConstraint(
            "sku_id",
            "batch",
            "expires_on",
            "condition",
            "customs_status",
            "received_on",
            name=op.f("uq_stock_lot_sku_id_batch_expires_on_condition_customs_status_received_on"),
        ),
    )
    with op.batch_alter_table("stock_lot", schema=None) as batch_op:
        batch_op.create_index("ix_stock_lot_owner_id_id", ["owner_id", "id"], unique=False)

    op.create_table(
        "stock_posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "announce",
                "receive",
                "put_away",
                "move",
                "pick",
                "pack",
                "hand_over",
                "void",
                "count",
                "work",
                "regrade",
                "return",
                "destroy",
                "load",
                "import",
                "reverse",
                name="stock_posting_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_posting.id"], name=op.f("fk_stock_posting_reverses_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_posting_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_posting")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stock_posting_public_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_stock_posting_reverses_id")),
        sa.UniqueConstraint("warehouse_id", "scan_id", name=op.f("uq_stock_posting_warehouse_id_scan_id")),
    )
    with op.batch_alter_table("stock_posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_posting_subject"), ["subject"], unique=False)
        batch_op.create_index("ix_stock_posting_warehouse_id_at", ["warehouse_id", "at"], unique=False)

    op.create_table(
        "warehouse_charged_day",
        sa.Column(
            "warehouse_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("charges", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charged_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_warehouse_charged_day_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("warehouse_id", "day", name=op.f("pk_warehouse_charged_day")),
    )
    op.create_table(
        "warehouse_fee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "m3_day",
                "unit",
                "order",
                "carton",
                "pallet",
                "container",
                "weight_band",
                name="warehouse_fee_basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("band_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("band_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price_micros", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("free_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("divisor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("band_to IS NULL OR band_to > band_from", name=op.f("ck_warehouse_fee_band")),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to > effective_from", name=op.f("ck_warehouse_fee_validity")
        ),
        sa.CheckConstraint(
            "price_micros >= 0 AND minimum_minor >= 0 AND free_days >= 0",
            name=op.f("ck_warehouse_fee_not_negative"),
        ),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_warehouse_fee_exporter_id")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_warehouse_fee_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_fee")),
        sa.UniqueConstraint(
            "warehouse_id",
            "exporter_id",
            "code",
            "basis",
            "band_from",
            "effective_from",
            name=op.f("uq_warehouse_fee_warehouse_id_exporter_id_code_basis_band_from_effective_from"),
        ),
    )
    with op.batch_alter_table("warehouse_fee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warehouse_fee_exporter_id"), ["exporter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_warehouse_fee_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "wave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "picking",
                "done",
                "cancelled",
                name="wave_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("done_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_wave_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("public_id", name=op.f("uq_wave_public_id")),
    )
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.create_index("ix_wave_warehouse_id_status", ["warehouse_id", "status"], unique=False)

    op.create_table(
        "zone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "customs_status",
            sa.Enum(
                "free",
                "bonded",
                "supervised",
                name="zone_customs_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("walk_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_zone_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("warehouse_id", "code", name=op.f("uq_zone_warehouse_id_code")),
    )
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "dock_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("dock_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("booked_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dock_id"], ["dock.id"], name=op.f("fk_dock_slot_dock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dock_slot")),
        sa.UniqueConstraint("dock_id", "starts_at", name=op.f("uq_dock_slot_dock_id_starts_at")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dock_slot_public_id")),
    )
    with op.batch_alter_table("dock_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dock_slot_dock_id"), ["dock_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dock_slot_subject"), ["subject"], unique=False)

    op.create_table(
        "outbound_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "confirming",
                "confirmed",
                "picking",
                "picked",
                "packing",
                "packed",
                "handed_over",
                "delivering",
                "delivered",
                "waiting_seller",
                "voiding",
                "void",
                name="outbound_order_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("consignee", sa.JSON(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("ship_by", UTCDateTime(timezone=True), nullable=False),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tracking_number", sa.String(length=24), nullable=True),
        sa.Column("waits_for", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("handed_over_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_outbound_order_owner_id")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_outbound_order_warehouse_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_outbound_order_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_order")),
        sa.UniqueConstraint("owner_id", "reference", name=op.f("uq_outbound_order_owner_id_reference")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbound_order_public_id")),
        sa.UniqueConstraint("tracking_number", name=op.f("uq_outbound_order_tracking_number")),
    )
    with op.batch_alter_table("outbound_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbound_order_warehouse_id_status_ship_by",
            ["warehouse_id", "status", "ship_by"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_outbound_order_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "stock_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "recount",
                "counted",
                "approved",
                "cancelled",
                name="stock_count_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("tolerance_permille", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["posting_id"], ["stock_posting.id"], name=op.f("fk_stock_count_posting_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_count_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stock_count_public_id")),
    )
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.create_index("ix_stock_count_warehouse_id_status", ["warehouse_id", "status"], unique=False)

    op.create_table(
        "stock_place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("zone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "supplier",
                "in_transit",
                "receiving",
                "bin",
                "staging",
                "customer",
                "returns",
                "scrap",
                "adjustment",
                name="stock_place_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("walk_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("max_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("max_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("used_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'bin') = (zone_id IS NOT NULL)", name=op.f("ck_stock_place_bins_have_zones")
        ),
        sa.CheckConstraint(
            "max_cm3 IS NULL OR used_cm3 <= max_cm3", name=op.f("ck_stock_place_volume_within")
        ),
        sa.CheckConstraint("max_g IS NULL OR used_g <= max_g", name=op.f("ck_stock_place_weight_within")),
        sa.CheckConstraint("used_g >= 0 AND used_cm3 >= 0", name=op.f("ck_stock_place_used")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_place_warehouse_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_stock_place_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_place")),
        sa.UniqueConstraint("warehouse_id", "code", name=op.f("uq_stock_place_warehouse_id_code")),
    )
    with op.batch_alter_table("stock_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_place_warehouse_id"), ["warehouse_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_place_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "work_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "relabel",
                "kit",
                "photo",
                "repack",
                name="work_order_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "released",
                "done",
                "cancelled",
                name="work_order_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "bin",
                "returns",
                name="work_order_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "customs_status",
            sa.Enum(
                "free",
                "bonded",
                "supervised",
                name="work_order_customs_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("instructions", sa.String(length=500), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("done_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=40), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_work_order_owner_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["stock_posting.id"], name=op.f("fk_work_order_posting_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_work_order_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("owner_id", "reference", name=op.f("uq_work_order_owner_id_reference")),
        sa.UniqueConstraint("public_id", name=op.f("uq_work_order_public_id")),
    )
    with op.batch_alter_table("work_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_order_subject"), ["subject"], unique=False)
        batch_op.create_index("ix_work_order_warehouse_id_status", ["warehouse_id", "status"], unique=False)

    op.create_table(
        "asn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "announced",
                "in_transit",
                "arrived",
                "receiving",
                "received_partial",
                "received",
                "putaway_done",
                "cancelled",
                name="asn_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("container", sa.String(length=20), nullable=True),
        sa.Column("container_type", sa.String(length=16), nullable=True),
        sa.Column("pallets", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "customs_status",
            sa.Enum(
                "free",
                "bonded",
                "supervised",
                name="asn_customs_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("arrived_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_asn_booking_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_asn_owner_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_asn_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asn")),
        sa.UniqueConstraint("owner_id", "reference", name=op.f("uq_asn_owner_id_reference")),
        sa.UniqueConstraint("public_id", name=op.f("uq_asn_public_id")),
    )
    with op.batch_alter_table("asn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asn_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(
            "ix_asn_warehouse_id_status_expected_on", ["warehouse_id", "status", "expected_on"], unique=False
        )

    op.create_table(
        "load_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bag",
                "pallet",
                "uld",
                "container",
                name="load_unit_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("type_code", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("board_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alight_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handling_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "sealed",
                "loaded",
                "departed",
                "unpacked",
                "cancelled",
                name="load_unit_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tare_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("max_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("max_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("net_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gross_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gross_varies", sa.Boolean(), nullable=False),
        sa.Column("seal_number", sa.String(length=20), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("loaded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("departed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("unpacked_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("max_cm3 IS NULL OR net_cm3 <= max_cm3", name=op.f("ck_load_unit_volume_within")),
        sa.CheckConstraint("max_g IS NULL OR net_g <= max_g", name=op.f("ck_load_unit_weight_within")),
        sa.ForeignKeyConstraint(["departure_id"], ["departure.id"], name=op.f("fk_load_unit_departure_id")),
        sa.ForeignKeyConstraint(
            ["handling_unit_id"], ["handling_unit.id"], name=op.f("fk_load_unit_handling_unit_id")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_load_unit_location_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["load_unit.id"], name=op.f("fk_load_unit_parent_id")),
        sa.ForeignKeyConstraint(["unit_type_id"], ["unit_type.id"], name=op.f("fk_load_unit_unit_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_unit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_load_unit_public_id")),
    )
    with op.batch_alter_table("load_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_load_unit_departure_id"), ["departure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_load_unit_handling_unit_id"), ["handling_unit_id"], unique=False)
        batch_op.create_index("ix_load_unit_location_id_status", ["location_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_load_unit_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_load_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "uq_load_unit_number_in_use",
            ["number"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('unpacked', 'cancelled')"),
            postgresql_where=sa.text("status NOT IN ('unpacked', 'cancelled')"),
        )

    op.create_table(
        "outbound_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="outbound_line_condition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "customs_status",
            sa.Enum(
                "free",
                "bonded",
                "supervised",
                name="outbound_line_customs_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("picked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("packed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("picked <= quantity AND packed <= picked", name=op.f("ck_outbound_line_in_order")),
        sa.CheckConstraint(
            "quantity > 0 AND picked >= 0 AND packed >= 0", name=op.f("ck_outbound_line_counts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["outbound_order.id"], name=op.f("fk_outbound_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_outbound_line_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_line")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_outbound_line_order_id_seq")),
    )
    with op.batch_alter_table("outbound_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbound_line_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbound_line_sku_id"), ["sku_id"], unique=False)

    op.create_table(
        "outbound_package",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weight_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("width_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("varies", sa.Boolean(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("tracking_number", sa.String(length=24), nullable=False),
        sa.Column("packed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("packed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "weight_g > 0 AND length_mm > 0 AND width_mm > 0 AND height_mm > 0",
            name=op.f("ck_outbound_package_size"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["outbound_order.id"], name=op.f("fk_outbound_package_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_package")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_outbound_package_order_id_seq")),
        sa.UniqueConstraint("tracking_number", name=op.f("uq_outbound_package_tracking_number")),
    )
    with op.batch_alter_table("outbound_package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbound_package_order_id"), ["order_id"], unique=False)

    op.create_table(
        "stock_balance",
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "place_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("on_hand", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reserved", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("open_ended", sa.Boolean(), nullable=False),
        sa.Column(
            "here",
            sa.Boolean(),
            sa.Computed("on_hand > 0 AND NOT open_ended", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "open_ended OR (reserved >= 0 AND reserved <= on_hand)",
            name=op.f("ck_stock_balance_never_negative"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_balance_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_balance_place_id")),
        sa.PrimaryKeyConstraint("lot_id", "place_id", name=op.f("pk_stock_balance")),
    )
    with op.batch_alter_table("stock_balance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_balance_here_lot_id",
            ["lot_id", "place_id"],
            unique=False,
            sqlite_where=sa.text("here = 1"),
            postgresql_where=sa.text("here"),
        )
        batch_op.create_index(
            "ix_stock_balance_place_id_here_lot_id", ["place_id", "here", "lot_id"], unique=False
        )

    op.create_table(
        "stock_count_bin",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "recount",
                "counted",
                name="stock_count_bin_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("counted_by", sa.String(length=40), nullable=True),
        sa.Column("counted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("recounted_by", sa.String(length=40), nullable=True),
        sa.Column("recounted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("scan_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_count.id"], name=op.f("fk_stock_count_bin_count_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_count_bin_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_bin")),
        sa.UniqueConstraint("count_id", "place_id", name=op.f("uq_stock_count_bin_count_id_place_id")),
    )
    with op.batch_alter_table("stock_count_bin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_count_bin_count_id"), ["count_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_count_bin_place_id"), ["place_id"], unique=False)

    op.create_table(
        "stock_count_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recount_expected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recounted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stock_count_line_counted")),
        sa.CheckConstraint("recounted IS NULL OR recounted >= 0", name=op.f("ck_stock_count_line_recounted")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_count.id"], name=op.f("fk_stock_count_line_count_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_count_line_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_count_line_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_line")),
        sa.UniqueConstraint(
            "count_id", "place_id", "lot_id", name=op.f("uq_stock_count_line_count_id_place_id_lot_id")
        ),
    )
    with op.batch_alter_table("stock_count_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_count_line_count_id"), ["count_id"], unique=False)

    op.create_table(
        "stock_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_stock_move_two_places")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_move_quantity")),
        sa.ForeignKeyConstraint(["from_id"], ["stock_place.id"], name=op.f("fk_stock_move_from_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_move_lot_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["stock_posting.id"], name=op.f("fk_stock_move_posting_id")),
        sa.ForeignKeyConstraint(["to_id"], ["stock_place.id"], name=op.f("fk_stock_move_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
        sa.UniqueConstraint("posting_id", "seq", name=op.f("uq_stock_move_posting_id_seq")),
    )
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.create_index("ix_stock_move_lot_id_from_id", ["lot_id", "from_id"], unique=False)
        batch_op.create_index("ix_stock_move_lot_id_to_id", ["lot_id", "to_id"], unique=False)

    op.create_table(
        "stock_reservation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("line_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "posted",
                "released",
                name="stock_reservation_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_reservation_quantity")),
        sa.ForeignKeyConstraint(["from_id"], ["stock_place.id"], name=op.f("fk_stock_reservation_from_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_reservation_lot_id")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["stock_posting.id"], name=op.f("fk_stock_reservation_posting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservation")),
    )
    with op.batch_alter_table("stock_reservation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stock_reservation_lot_id_from_id_state", ["lot_id", "from_id", "state"], unique=False
        )
        batch_op.create_index("ix_stock_reservation_state_expires_at", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_reservation_subject"), ["subject"], unique=False)

    op.create_table(
        "work_order_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "consume",
                "produce",
                name="work_order_line_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sku_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="work_order_line_condition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_work_order_line_quantity")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["work_order.id"], name=op.f("fk_work_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_work_order_line_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_line")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_work_order_line_order_id_seq")),
    )
    with op.batch_alter_table("work_order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_order_line_order_id"), ["order_id"], unique=False)

    op.create_table(
        "asn_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asn_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="asn_line_condition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cartons", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cartons_received", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("damaged", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "expected >= 0 AND received >= 0 AND damaged >= 0 AND cartons >= 0",
            name=op.f("ck_asn_line_counts"),
        ),
        sa.ForeignKeyConstraint(["asn_id"], ["asn.id"], name=op.f("fk_asn_line_asn_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_asn_line_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asn_line")),
        sa.UniqueConstraint("asn_id", "seq", name=op.f("uq_asn_line_asn_id_seq")),
    )
    with op.batch_alter_table("asn_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asn_line_asn_id"), ["asn_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_asn_line_sku_id"), ["sku_id"], unique=False)

    op.create_table(
        "asn_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asn_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["asn_id"], ["asn.id"], name=op.f("fk_asn_receipt_asn_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["stock_posting.id"], name=op.f("fk_asn_receipt_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asn_receipt")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_asn_receipt_posting_id")),
    )
    with op.batch_alter_table("asn_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asn_receipt_asn_id"), ["asn_id"], unique=False)

    op.create_table(
        "warehouse_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["exporter_id"], ["party.id"], name=op.f("fk_warehouse_statement_exporter_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_warehouse_statement_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_warehouse_statement_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_statement")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_warehouse_statement_invoice_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_warehouse_statement_public_id")),
        sa.UniqueConstraint(
            "warehouse_id",
            "exporter_id",
            "month",
            "currency",
            name=op.f("uq_warehouse_statement_warehouse_id_exporter_id_month_currency"),
        ),
    )
    with op.batch_alter_table("warehouse_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_warehouse_statement_exporter_id"), ["exporter_id"], unique=False)

    op.create_table(
        "load_content",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weight_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=True),
        sa.Column("put_by", sa.String(length=40), nullable=False),
        sa.Column("put_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("out_scan_id", sa.String(length=64), nullable=True),
        sa.Column("taken_by", sa.String(length=40), nullable=True),
        sa.Column("taken_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column(
            "way_out",
            sa.Enum(
                "out",
                "unpacked",
                name="load_content_way_out",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(parcel_id IS NULL) <> (child_id IS NULL)", name=op.f("ck_load_content_one_thing")
        ),
        sa.CheckConstraint("(taken_at IS NULL) = (way_out IS NULL)", name=op.f("ck_load_content_taken")),
        sa.CheckConstraint("weight_g >= 0 AND volume_cm3 >= 0", name=op.f("ck_load_content_size")),
        sa.ForeignKeyConstraint(["child_id"], ["load_unit.id"], name=op.f("fk_load_content_child_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_load_content_parcel_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["load_unit.id"], name=op.f("fk_load_content_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_content")),
        sa.UniqueConstraint("out_scan_id", name=op.f("uq_load_content_out_scan_id")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_load_content_scan_id")),
    )
    with op.batch_alter_table("load_content", schema=None) as batch_op:
        batch_op.create_index("ix_load_content_child_id", ["child_id"], unique=False)
        batch_op.create_index("ix_load_content_parcel_id", ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_load_content_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_load_content_child_inside",
            ["child_id"],
            unique=True,
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )
        batch_op.create_index(
            "uq_load_content_parcel_inside",
            ["parcel_id"],
            unique=True,
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )

    op.create_table(
        "parcel_measure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=True),
        sa.Column("weight_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("width_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declared_g", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("declared_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volume_cm3", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("varies", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("measured_by", sa.String(length=40), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "accepted",
                "amended",
                name="parcel_measure_decision",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_parcel_measure_location_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_measure_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_measure")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_parcel_measure_scan_id")),
    )
    with op.batch_alter_table("parcel_measure", schema=None) as batch_op:
        batch_op.create_index("ix_parcel_measure_location_id_at", ["location_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_measure_parcel_id"), ["parcel_id"], unique=False)

    op.create_table(
        "parcel_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=True),
        sa.Column("off_its_way", sa.Boolean(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_parcel_receipt_location_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_receipt_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_receipt")),
        sa.UniqueConstraint("parcel_id", "location_id", name=op.f("uq_parcel_receipt_parcel_id_location_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_parcel_receipt_public_id")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_parcel_receipt_scan_id")),
    )
    with op.batch_alter_table("parcel_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_parcel_receipt_location_id_at", ["location_id", "at"], unique=False)

    op.create_table(
        "return_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=20), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("original", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("original_parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "label_issued",
                "in_transit",
                "received",
                "graded",
                "disposition_chosen",
                "closed",
                "cancelled",
                name="return_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "unwanted",
                "wrong_item",
                "damaged",
                "defective",
                "not_as_described",
                "late",
                "undeliverable",
                "other",
                name="return_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="return_condition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "wished",
            sa.Enum(
                "restock",
                "relabel",
                "transfer",
                "return_to_china",
                "reexport_with_exports",
                "refurbish",
                "destroy",
                name="return_wished",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("chosen_because", sa.JSON(), nullable=False),
        sa.Column("tracking_number", sa.String(length=24), nullable=False),
        sa.Column("exported_on", sa.Date(), nullable=True),
        sa.Column("customs_mode", sa.String(length=4), nullable=True),
        sa.Column("relief_deadline", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("sender", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("received_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("graded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_return_order_exporter_id")),
        sa.ForeignKeyConstraint(["order_id"], ["outbound_order.id"], name=op.f("fk_return_order_order_id")),
        sa.ForeignKeyConstraint(
            ["original_parcel_id"], ["parcel.id"], name=op.f("fk_return_order_original_parcel_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_return_order_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_order")),
        sa.UniqueConstraint("exporter_id", "reference", name=op.f("uq_return_order_exporter_id_reference")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_order_public_id")),
        sa.UniqueConstraint("tracking_number", name=op.f("uq_return_order_tracking_number")),
    )
    with op.batch_alter_table("return_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_order_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_return_order_original_parcel_id"), ["original_parcel_id"], unique=False
        )
        batch_op.create_index("ix_return_order_relief_deadline", ["relief_deadline"], unique=False)
        batch_op.create_index("ix_return_order_warehouse_id_status", ["warehouse_id", "status"], unique=False)

    op.create_table(
        "warehouse_charge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("band_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("age_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price_micros", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["exporter_id"], ["party.id"], name=op.f("fk_warehouse_charge_exporter_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["warehouse_statement.id"], name=op.f("fk_warehouse_charge_statement_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_warehouse_charge_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_charge")),
        sa.UniqueConstraint(
            "day",
            "warehouse_id",
            "exporter_id",
            "code",
            "subject",
            "lot_id",
            "band_from",
            name=op.f("uq_warehouse_charge_day_warehouse_id_exporter_id_code_subject_lot_id_band_from"),
        ),
    )
    with op.batch_alter_table("warehouse_charge", schema=None) as batch_op:
        batch_op.create_index(
            "ix_warehouse_charge_exporter_id_warehouse_id_day",
            ["exporter_id", "warehouse_id", "day"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_warehouse_charge_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "return_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "expected",
                "missing",
                "received",
                "graded",
                "chosen",
                "travelling",
                "done",
                name="return_item_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("came_on", sa.Date(), nullable=True),
        sa.Column("value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "A",
                "B",
                "C",
                "D",
                name="return_item_grade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "disposition",
            sa.Enum(
                "restock",
                "relabel",
                "transfer",
                "return_to_china",
                "reexport_with_exports",
                "refurbish",
                "destroy",
                name="return_item_disposition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column(
            "approval",
            sa.Enum(
                "not_needed",
                "waiting",
                "approved",
                "vetoed",
                name="return_item_approval",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("vetoed", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=True),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("work_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("quantity > 0 AND value_minor >= 0", name=op.f("ck_return_item_counts")),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_return_item_lot_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_return_item_parcel_id")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return_order.id"], name=op.f("fk_return_item_return_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_return_item_sku_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_return_item_warehouse_id")),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["work_order.id"], name=op.f("fk_return_item_work_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_item")),
        sa.UniqueConstraint("return_id", "seq", name=op.f("uq_return_item_return_id_seq")),
    )
    with op.batch_alter_table("return_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_item_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_item_parcel_id"), ["parcel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_item_return_id"), ["return_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_item_sku_id"), ["sku_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_item_warehouse_id"), ["warehouse_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_item_work_order_id"), ["work_order_id"], unique=False)

    op.create_table(
        "return_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return_order.id"], name=op.f("fk_return_photo_return_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photo")),
        sa.UniqueConstraint("return_id", "sha256", name=op.f("uq_return_photo_return_id_sha256")),
    )
    with op.batch_alter_table("return_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_photo_return_id"), ["return_id"], unique=False)

    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_api_key_warehouse_id"), "warehouse", ["warehouse_id"], ["id"]
        )

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("load_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("contents", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_parcel_load_unit_id"), ["load_unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_return_id"), ["return_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_parcel_return_id"), "return_order", ["return_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_parcel_load_unit_id"), "load_unit", ["load_unit_id"], ["id"]
        )

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("approves_returns", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_column("approves_returns")

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_parcel_load_unit_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_parcel_return_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_parcel_return_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_load_unit_id"))
        batch_op.drop_column("contents")
        batch_op.drop_column("return_id")
        batch_op.drop_column("load_unit_id")

    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_api_key_warehouse_id"), type_="foreignkey")
        batch_op.drop_column("warehouse_id")

    with op.batch_alter_table("return_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_photo_return_id"))

    op.drop_table("return_photo")
    with op.batch_alter_table("return_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_item_work_order_id"))
        batch_op.drop_index(batch_op.f("ix_return_item_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_return_item_sku_id"))
        batch_op.drop_index(batch_op.f("ix_return_item_return_id"))
        batch_op.drop_index(batch_op.f("ix_return_item_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_return_item_lot_id"))

    op.drop_table("return_item")
    with op.batch_alter_table("warehouse_charge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warehouse_charge_statement_id"))
        batch_op.drop_index("ix_warehouse_charge_exporter_id_warehouse_id_day")

    op.drop_table("warehouse_charge")
    with op.batch_alter_table("return_order", schema=None) as batch_op:
        batch_op.drop_index("ix_return_order_warehouse_id_status")
        batch_op.drop_index("ix_return_order_relief_deadline")
        batch_op.drop_index(batch_op.f("ix_return_order_original_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_return_order_order_id"))

    op.drop_table("return_order")
    with op.batch_alter_table("parcel_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_parcel_receipt_location_id_at")

    op.drop_table("parcel_receipt")
    with op.batch_alter_table("parcel_measure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parcel_measure_parcel_id"))
        batch_op.drop_index("ix_parcel_measure_location_id_at")

    op.drop_table("parcel_measure")
    with op.batch_alter_table("load_content", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_load_content_parcel_inside",
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_load_content_child_inside",
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_load_content_unit_id"))
        batch_op.drop_index("ix_load_content_parcel_id")
        batch_op.drop_index("ix_load_content_child_id")

    op.drop_table("load_content")
    with op.batch_alter_table("warehouse_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warehouse_statement_exporter_id"))

    op.drop_table("warehouse_statement")
    with op.batch_alter_table("asn_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asn_receipt_asn_id"))

    op.drop_table("asn_receipt")
    with op.batch_alter_table("asn_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asn_line_sku_id"))
        batch_op.drop_index(batch_op.f("ix_asn_line_asn_id"))

    op.drop_table("asn_line")
    with op.batch_alter_table("work_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_order_line_order_id"))

    op.drop_table("work_order_line")
    with op.batch_alter_table("stock_reservation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_reservation_subject"))
        batch_op.drop_index("ix_stock_reservation_state_expires_at")
        batch_op.drop_index("ix_stock_reservation_lot_id_from_id_state")

    op.drop_table("stock_reservation")
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_move_lot_id_to_id")
        batch_op.drop_index("ix_stock_move_lot_id_from_id")

    op.drop_table("stock_move")
    with op.batch_alter_table("stock_count_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_count_line_count_id"))

    op.drop_table("stock_count_line")
    with op.batch_alter_table("stock_count_bin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_count_bin_place_id"))
        batch_op.drop_index(batch_op.f("ix_stock_count_bin_count_id"))

    op.drop_table("stock_count_bin")
    with op.batch_alter_table("stock_balance", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_balance_place_id_here_lot_id")
        batch_op.drop_index(
            "ix_stock_balance_here_lot_id", sqlite_where=sa.text("here = 1"), postgresql_where=sa.text("here")
        )

    op.drop_table("stock_balance")
    with op.batch_alter_table("outbound_package", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbound_package_order_id"))

    op.drop_table("outbound_package")
    with op.batch_alter_table("outbound_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbound_line_sku_id"))
        batch_op.drop_index(batch_op.f("ix_outbound_line_order_id"))

    op.drop_table("outbound_line")
    with op.batch_alter_table("load_unit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_load_unit_number_in_use",
            sqlite_where=sa.text("status NOT IN ('unpacked', 'cancelled')"),
            postgresql_where=sa.text("status NOT IN ('unpacked', 'cancelled')"),
        )
        batch_op.drop_index(batch_op.f("ix_load_unit_parent_id"))
        batch_op.drop_index(batch_op.f("ix_load_unit_number"))
        batch_op.drop_index("ix_load_unit_location_id_status")
        batch_op.drop_index(batch_op.f("ix_load_unit_handling_unit_id"))
        batch_op.drop_index(batch_op.f("ix_load_unit_departure_id"))

    op.drop_table("load_unit")
    with op.batch_alter_table("asn", schema=None) as batch_op:
        batch_op.drop_index("ix_asn_warehouse_id_status_expected_on")
        batch_op.drop_index(batch_op.f("ix_asn_booking_id"))

    op.drop_table("asn")
    with op.batch_alter_table("work_order", schema=None) as batch_op:
        batch_op.drop_index("ix_work_order_warehouse_id_status")
        batch_op.drop_index(batch_op.f("ix_work_order_subject"))

    op.drop_table("work_order")
    with op.batch_alter_table("stock_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_place_zone_id"))
        batch_op.drop_index(batch_op.f("ix_stock_place_warehouse_id"))

    op.drop_table("stock_place")
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_count_warehouse_id_status")

    op.drop_table("stock_count")
    with op.batch_alter_table("outbound_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbound_order_wave_id"))
        batch_op.drop_index("ix_outbound_order_warehouse_id_status_ship_by")

    op.drop_table("outbound_order")
    with op.batch_alter_table("dock_slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dock_slot_subject"))
        batch_op.drop_index(batch_op.f("ix_dock_slot_dock_id"))

    op.drop_table("dock_slot")
    with op.batch_alter_table("zone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_warehouse_id"))

    op.drop_table("zone")
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.drop_index("ix_wave_warehouse_id_status")

    op.drop_table("wave")
    with op.batch_alter_table("warehouse_fee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_warehouse_fee_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_warehouse_fee_exporter_id"))

    op.drop_table("warehouse_fee")
    op.drop_table("warehouse_charged_day")
    with op.batch_alter_table("stock_posting", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_posting_warehouse_id_at")
        batch_op.drop_index(batch_op.f("ix_stock_posting_subject"))

    op.drop_table("stock_posting")
    with op.batch_alter_table("stock_lot", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_lot_owner_id_id")

    op.drop_table("stock_lot")
    with op.batch_alter_table("dock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dock_warehouse_id"))

    op.drop_table("dock")
    with op.batch_alter_table("sku", schema=None) as batch_op:
        batch_op.drop_index("ix_sku_code_id")
        batch_op.drop_index(batch_op.f("ix_sku_barcode"))

    op.drop_table("sku")
