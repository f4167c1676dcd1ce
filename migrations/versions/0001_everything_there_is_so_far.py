"""Everything there is so far"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applicant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CITIZEN",
                "ENTERPRISE",
                "ORGANISATION",
                name="applicantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("full_name", sa.String(length=300), nullable=False),
        sa.Column("id_number", sa.String(length=12), nullable=True),
        sa.Column("old_id_number", sa.String(length=12), nullable=True),
        sa.Column("tax_code", sa.String(length=14), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applicant")),
    )
    with op.batch_alter_table("applicant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_applicant_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(batch_op.f("ix_applicant_old_id_number"), ["old_id_number"], unique=False)
        batch_op.create_index("ix_applicant_phone", ["phone"], unique=False)
        batch_op.create_index(
            "uq_applicant_id_number",
            ["id_number"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_applicant_public_id",
            ["public_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_applicant_tax_code",
            ["tax_code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_key", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acting_for_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tablet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_batch_id", ["batch_id", "id"], unique=False)
        batch_op.create_index("ix_audit_event_entity_key", ["entity", "entity_key", "id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_payload",
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("audit_id", "at", name=op.f("pk_audit_payload")),
    )
    op.create_table(
        "code_counter",
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("last_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_code_counter_last_number_not_negative")),
        sa.PrimaryKeyConstraint("series", "local_date", name=op.f("pk_code_counter")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "DEPARTMENT",
                "BOARD",
                "VERTICAL",
                "COMMUNE",
                "DISTRICT",
                "PROVINCE",
                "MINISTRY",
                "CENTRE",
                "OTHER",
                name="departmentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("valid_from_date", sa.Date(), nullable=True),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["department.id"], name=op.f("fk_department_parent_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["department.id"], name=op.f("fk_department_successor_id_department"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(batch_op.f("ix_department_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_department_successor_id"), ["successor_id"], unique=False)
        batch_op.create_index(
            "uq_department_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "escalation_rung",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "deadline",
            sa.Enum(
                "DOSSIER",
                "STEP",
                "OPINION",
                "TRANSFER",
                name="deadline",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("offset_hours", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient",
            sa.Enum(
                "ASSIGNEE",
                "HEAD",
                "DUTY",
                "DIRECTOR",
                name="recipient",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rung")),
        sa.UniqueConstraint("name", name=op.f("uq_escalation_rung_name")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("entity", "fingerprint", name=op.f("uq_import_mapping_entity_fingerprint")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_login_attempt_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_login_attempt_name_at", ["name_hash", "at"], unique=False)

    op.create_table(
        "period_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("first_day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_day BETWEEN 1 AND 28", name=op.f("ck_period_rule_first_day_in_every_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_rule")),
        sa.UniqueConstraint("valid_from_date", name=op.f("uq_period_rule_valid_from_date")),
    )
    op.create_table(
        "procedure_field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_field")),
    )
    with op.batch_alter_table("procedure_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_procedure_field_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(
            "uq_procedure_field_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "rating_scale",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT", "IN_USE", "RETIRED", name="scalestate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("wording_vi", sa.String(length=120), nullable=False),
        sa.Column("wording_en", sa.String(length=120), nullable=False),
        sa.Column("wording_zh", sa.String(length=120), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_rating_scale_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_scale")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_rating_scale_code_version")),
    )
    with op.batch_alter_table("rating_scale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_scale_code"), ["code"], unique=False)
        batch_op.create_index(
            "uq_rating_scale_default",
            ["is_default"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )

    op.create_table(
        "report_period",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "WEEK",
                "MONTH",
                "QUARTER",
                "HALF",
                "YEAR",
                "CUSTOM",
                name="periodkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_date >= from_date", name=op.f("ck_report_period_ends_after_it_begins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_period")),
        sa.UniqueConstraint("name", name=op.f("uq_report_period_name")),
    )
    with op.batch_alter_table("report_period", schema=None) as batch_op:
        batch_op.create_index("ix_report_period_from_date_id", ["from_date", "id"], unique=False)

    op.create_table(
        "role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.create_index(
            "uq_role_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "rule_terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "BEFORE_2018", "2018", "2025", name="ruleset", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "supplement_rule",
            sa.Enum("RESTART", "CONTINUE", name="supplementrule", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("supplement_requests", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("supplement_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("extensions", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("extension_lead_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "extensions >= 0 AND extension_lead_days >= 0", name=op.f("ck_rule_terms_extensions_not_negative")
        ),
        sa.CheckConstraint("supplement_days > 0", name=op.f("ck_rule_terms_supplement_days_positive")),
        sa.CheckConstraint("supplement_requests > 0", name=op.f("ck_rule_terms_supplement_requests_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_terms")),
        sa.UniqueConstraint("valid_from_date", name=op.f("uq_rule_terms_valid_from_date")),
    )
    op.create_table(
        "seeded_grant",
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("entity", "action", name=op.f("pk_seeded_grant")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("directions", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("authority", sa.String(length=300), nullable=True),
        sa.Column("place_name", sa.String(length=100), nullable=True),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(
            "uq_site_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "file_type",
            sa.Enum("PDF", "JPEG", "PNG", name="filetype", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size_bytes > 0 AND page_count > 0", name=op.f("ck_stored_file_holds_something")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_name")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "HOLIDAY",
                "IN_LIEU",
                "SWAPPED_DAY_OFF",
                "SWAPPED_WORKING_DAY",
                "CLOSURE",
                "ORDINARY",
                name="calendardaykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("swapped_with_date", sa.Date(), nullable=True),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("seeded", sa.String(length=300), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_calendar_day_site_id_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
    )
    with op.batch_alter_table("calendar_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_day_local_date"), ["local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_calendar_day_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "uq_calendar_day_local_date",
            ["local_date"],
            unique=True,
            sqlite_where=sa.text("site_id IS NULL"),
            postgresql_where=sa.text("site_id IS NULL"),
        )
        batch_op.create_index(
            "uq_calendar_day_site_local_date",
            ["site_id", "local_date"],
            unique=True,
            sqlite_where=sa.text("site_id IS NOT NULL"),
            postgresql_where=sa.text("site_id IS NOT NULL"),
        )

    op.create_table(
        "counter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "printer_paper",
            sa.Enum("A4", "A5", "ROLL_80", name="printerpaper", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_counter_department_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_counter_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
    )
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_counter_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_counter_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "uq_counter_site_id_number",
            ["site_id", "number"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "permission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "OWN",
                "COUNTER",
                "DEPARTMENT",
                "TREE",
                "ALL",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level >= 0", name=op.f("ck_permission_level_not_negative")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_permission_role_id_role"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission")),
        sa.UniqueConstraint("role_id", "entity", "action", name=op.f("uq_permission_role_id_entity_action")),
    )
    with op.batch_alter_table("permission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permission_entity"), ["entity"], unique=False)
        batch_op.create_index(batch_op.f("ix_permission_role_id"), ["role_id"], unique=False)

    op.create_table(
        "procedure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "STANDARD",
                "SPECIFIC",
                "STANDARD_INTERNAL",
                name="procedurekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PREPARED",
                "IN_FORCE",
                "ABOLISHED",
                name="procedurestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "online_service",
            sa.Enum(
                "NONE", "PARTIAL", "FULL", name="onlineservice", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("is_ministry_level", sa.Boolean(), nullable=False),
        sa.Column("is_province_level", sa.Boolean(), nullable=False),
        sa.Column("is_commune_level", sa.Boolean(), nullable=False),
        sa.Column("is_vertical_level", sa.Boolean(), nullable=False),
        sa.Column("is_other_level", sa.Boolean(), nullable=False),
        sa.Column("is_non_territorial", sa.Boolean(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=True),
        sa.Column("is_at_centre", sa.Boolean(), nullable=False),
        sa.Column("redirect_text", sa.Text(), nullable=True),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("current_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_version_id"],
            ["procedure_version.id"],
            name=op.f("fk_procedure_current_version_id_procedure_version"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_procedure_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["procedure_field.id"],
            name=op.f("fk_procedure_field_id_procedure_field"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure")),
    )
    with op.batch_alter_table("procedure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_procedure_current_version_id"), ["current_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_field_id"), ["field_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(
            "uq_procedure_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "rating_level",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "polarity",
            sa.Enum(
                "POSITIVE", "NEUTRAL", "NEGATIVE", name="polarity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "face",
            sa.Enum(
                "VERY_BAD",
                "BAD",
                "NEUTRAL",
                "GOOD",
                "VERY_GOOD",
                name="face",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("wording_vi", sa.String(length=120), nullable=False),
        sa.Column("wording_en", sa.String(length=120), nullable=False),
        sa.Column("wording_zh", sa.String(length=120), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("value BETWEEN 1 AND 9", name=op.f("ck_rating_level_value_in_range")),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["rating_scale.id"], name=op.f("fk_rating_level_scale_id_rating_scale"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_level")),
        sa.UniqueConstraint("scale_id", "value", name=op.f("uq_rating_level_scale_id_value")),
    )
    with op.batch_alter_table("rating_level", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_level_scale_id"), ["scale_id"], unique=False)

    op.create_table(
        "rating_reason",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "about",
            sa.Enum(
                "OFFICER", "PROCESS", "HALL", name="reasonabout", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "polarity",
            sa.Enum(
                "POSITIVE", "NEUTRAL", "NEGATIVE", name="polarity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "icon",
            sa.Enum(
                "SPEECH",
                "DOCUMENT",
                "ARROWS",
                "PAPERS",
                "CLOCK",
                "MONEY",
                "PERSON",
                "HALL",
                "HEART",
                "DOTS",
                name="reasonicon",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("wording_vi", sa.String(length=120), nullable=False),
        sa.Column("wording_en", sa.String(length=120), nullable=False),
        sa.Column("wording_zh", sa.String(length=120), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["rating_scale.id"], name=op.f("fk_rating_reason_scale_id_rating_scale"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_reason")),
        sa.UniqueConstraint("scale_id", "code", name=op.f("uq_rating_reason_scale_id_code")),
    )
    with op.batch_alter_table("rating_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_reason_scale_id"), ["scale_id"], unique=False)

    op.create_table(
        "report_letter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["report_period.id"],
            name=op.f("fk_report_letter_period_id_report_period"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_letter")),
        sa.UniqueConstraint("period_id", name=op.f("uq_report_letter_period_id")),
    )
    with op.batch_alter_table("report_letter", schema=None) as batch_op:
        batch_op.create_index("ix_report_letter_begun_at_id", ["begun_at", "id"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("badge_number", sa.String(length=20), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SERVANT",
                "COUNSELLOR",
                "VOLUNTEER",
                name="staffkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job_title", sa.String(length=120), nullable=True),
        sa.Column("portrait", sa.String(length=80), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_staff_department_id_department"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(
            "uq_staff_badge_number",
            ["badge_number"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "working_hours",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "weekday",
            sa.Enum(
                "1", "2", "3", "4", "5", "6", "7", name="weekday", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("working_hours", sa.String(length=120), nullable=False),
        sa.Column("reception_hours", sa.String(length=120), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to_date IS NULL OR valid_to_date >= valid_from_date", name=op.f("ck_working_hours_validity_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_working_hours_site_id_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    with op.batch_alter_table("working_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_working_hours_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_working_hours_weekday"), ["weekday"], unique=False)
        batch_op.create_index(
            "uq_working_hours_site_weekday_from", ["site_id", "weekday", "valid_from_date"], unique=True
        )

    op.create_table(
        "cash_closing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("void_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cash_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transfer_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("difference_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.CheckConstraint("counted_vnd = cash_vnd + difference_vnd", name=op.f("ck_cash_closing_difference_adds_up")),
        sa.CheckConstraint("difference_vnd = 0 OR note IS NOT NULL", name=op.f("ck_cash_closing_difference_explained")),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_cash_closing_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_cash_closing_site_id_site"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_cash_closing_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_closing")),
        sa.UniqueConstraint(
            "staff_id", "local_date", "is_training", name=op.f("uq_cash_closing_staff_id_local_date_is_training")
        ),
    )
    with op.batch_alter_table("cash_closing", schema=None) as batch_op:
        batch_op.create_index("ix_cash_closing_closed_at_id", ["closed_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cash_closing_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cash_closing_site_id"), ["site_id"], unique=False)

    op.create_table(
        "counter_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_counter_session_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_counter_session_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_session")),
    )
    with op.batch_alter_table("counter_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_session_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_counter_session_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(
            "uq_counter_session_open_counter",
            ["counter_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_counter_session_open_staff",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "duty_shift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_at >= from_at", name=op.f("ck_duty_shift_in_order")),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_duty_shift_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_duty_shift_site_id_site"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_duty_shift_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
    )
    with op.batch_alter_table("duty_shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_shift_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_shift_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_shift_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index("ix_duty_shift_time", ["from_at", "until_at"], unique=False)

    op.create_table(
        "emergency_booklet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("last_number", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("void_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "left_count + used_count + void_count = receipt_count", name=op.f("ck_emergency_booklet_counts_add_up")
        ),
        sa.CheckConstraint(
            "left_count >= 0 AND used_count >= 0 AND void_count >= 0",
            name=op.f("ck_emergency_booklet_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_emergency_booklet_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_emergency_booklet_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff.id"], name=op.f("fk_emergency_booklet_made_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_emergency_booklet_site_id_site"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_booklet")),
        sa.UniqueConstraint("number", name=op.f("uq_emergency_booklet_number")),
    )
    with op.batch_alter_table("emergency_booklet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergency_booklet_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index("ix_emergency_booklet_department_id_id", ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_emergency_booklet_made_by_id"), ["made_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_emergency_booklet_site_id"), ["site_id"], unique=False)

    op.create_table(
        "handover_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "OPEN", "SENT", "RECEIVED", name="handoverstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("from_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("missing_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_department_id"],
            ["department.id"],
            name=op.f("fk_handover_list_from_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["staff.id"], name=op.f("fk_handover_list_received_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["staff.id"], name=op.f("fk_handover_list_sent_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["to_department_id"],
            ["department.id"],
            name=op.f("fk_handover_list_to_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_list")),
        sa.UniqueConstraint("number", name=op.f("uq_handover_list_number")),
    )
    with op.batch_alter_table("handover_list", schema=None) as batch_op:
        batch_op.create_index("ix_handover_list_from", ["from_department_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_list_received_by_id"), ["received_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_list_sent_by_id"), ["sent_by_id"], unique=False)
        batch_op.create_index("ix_handover_list_to", ["to_department_id", "state"], unique=False)

    op.create_table(
        "postal_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum("OPEN", "SENT", name="postalstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("carrier", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settled_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_postal_list_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["staff.id"], name=op.f("fk_postal_list_sent_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_postal_list_site_id_site"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postal_list")),
        sa.UniqueConstraint("number", name=op.f("uq_postal_list_number")),
    )
    with op.batch_alter_table("postal_list", schema=None) as batch_op:
        batch_op.create_index("ix_postal_list_department_id_id", ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_postal_list_sent_by_id"), ["sent_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_postal_list_site_id"), ["site_id"], unique=False)

    op.create_table(
        "procedure_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("classification", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "REVIEWED",
                "SUBMITTED",
                "DECIDED",
                "PUBLISHED",
                "SUPERSEDED",
                name="versionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decision_number", sa.String(length=60), nullable=True),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("publication_date", sa.Date(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", sa.Text(), nullable=True),
        sa.Column("subjects", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("receiving_address", sa.Text(), nullable=True),
        sa.Column("return_methods", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_procedure_version_number_positive")),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["procedure.id"],
            name=op.f("fk_procedure_version_procedure_id_procedure"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_version")),
    )
    with op.batch_alter_table("procedure_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_procedure_version_decision_number"), ["decision_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_version_procedure_id"), ["procedure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_version_recorded_at"), ["recorded_at"], unique=False)
        batch_op.create_index(
            "uq_procedure_version_procedure_id_number",
            ["procedure_id", "number"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_procedure_version_published",
            ["procedure_id"],
            unique=True,
            sqlite_where=sa.text("state = 'PUBLISHED'"),
            postgresql_where=sa.text("state = 'PUBLISHED'"),
        )

    op.create_table(
        "process_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case_name", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=360), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "PUBLISHED",
                "SUPERSEDED",
                name="processstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_process_version_number_positive")),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["procedure.id"],
            name=op.f("fk_process_version_procedure_id_procedure"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint("subject", "number", name=op.f("uq_process_version_subject_number")),
    )
    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_version_procedure_id"), ["procedure_id"], unique=False)
        batch_op.create_index(
            "uq_process_version_published",
            ["subject"],
            unique=True,
            sqlite_where=sa.text("state = 'PUBLISHED'"),
            postgresql_where=sa.text("state = 'PUBLISHED'"),
        )

    op.create_table(
        "result_collection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "collector_kind",
            sa.Enum(
                "APPLICANT",
                "SUBMITTER",
                "PROXY",
                name="collectorkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("id_number", sa.String(length=20), nullable=True),
        sa.Column(
            "proof_kind",
            sa.Enum(
                "MESSENGER",
                "AUTHORISATION",
                "INTRODUCTION",
                "CONTRACT",
                "FAMILY",
                "GUARDIAN",
                name="proofkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("proof_number", sa.String(length=100), nullable=True),
        sa.Column(
            "signature_kind",
            sa.Enum("PAPER", "DRAWN", name="signaturekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("has_lost_receipt", sa.Boolean(), nullable=False),
        sa.Column("lost_note", sa.String(length=1000), nullable=True),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "collector_kind <> 'PROXY' OR proof_kind IS NOT NULL", name=op.f("ck_result_collection_proxy_with_proof")
        ),
        sa.CheckConstraint(
            "NOT has_lost_receipt OR lost_note IS NOT NULL", name=op.f("ck_result_collection_lost_with_declaration")
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_result_collection_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_result_collection_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_result_collection_site_id_site"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_result_collection_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_collection")),
        sa.UniqueConstraint("number", name=op.f("uq_result_collection_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_result_collection_public_id")),
    )
    with op.batch_alter_table("result_collection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_collection_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index("ix_result_collection_department_id_id", ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_collection_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_collection_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "tablet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "UNPAIRED",
                "PAIRED",
                "REVOKED",
                name="tabletstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pairing_hash", sa.String(length=64), nullable=True),
        sa.Column("pairing_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_hash", sa.String(length=64), nullable=True),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_tablet_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tablet")),
    )
    with op.batch_alter_table("tablet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tablet_name"), ["name"], unique=False)
        batch_op.create_index(
            "uq_tablet_counter_id",
            ["counter_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_tablet_key_hash",
            ["key_hash"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_tablet_pairing_hash",
            ["pairing_hash"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_tablet_public_id",
            ["public_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("access_epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_user_account_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_user_account_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "uq_user_account_staff_id",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_user_account_user_name",
            ["user_name"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("ticket_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wanted_counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("applicant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["applicant.id"], name=op.f("fk_visit_applicant_id_applicant"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_visit_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id_site"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["wanted_counter_id"], ["counter.id"], name=op.f("fk_visit_wanted_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["wanted_department_id"],
            ["department.id"],
            name=op.f("fk_visit_wanted_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_public_id")),
        sa.UniqueConstraint(
            "site_id",
            "local_date",
            "is_training",
            "ticket_number",
            name=op.f("uq_visit_site_id_local_date_is_training_ticket_number"),
        ),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index("ix_visit_arrived_at_id", ["arrived_at", "id"], unique=False)
        batch_op.create_index("ix_visit_at_counter", ["counter_id", "called_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "ix_visit_waiting",
            ["site_id", "local_date", "arrived_at"],
            unique=False,
            sqlite_where=sa.text("called_at IS NULL AND left_at IS NULL"),
            postgresql_where=sa.text("called_at IS NULL AND left_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_visit_wanted_counter_id"), ["wanted_counter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_wanted_department_id"), ["wanted_department_id"], unique=False)

    op.create_table(
        "ask",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ISSUED",
                "SHOWN",
                "TOUCHED",
                "RATED",
                "DECLINED",
                "TIMED_OUT",
                "WITHDRAWN",
                "EXPIRED",
                "VOIDED",
                name="askstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("showing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdraw_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "showing_end",
            sa.Enum(
                "ISSUED",
                "SHOWN",
                "TOUCHED",
                "RATED",
                "DECLINED",
                "TIMED_OUT",
                "WITHDRAWN",
                "EXPIRED",
                "VOIDED",
                name="showing_end",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_ask_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_ask_department_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ask_staff_id_staff"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_ask_visit_id_visit"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ask_public_id")),
        sa.UniqueConstraint("token", name=op.f("uq_ask_token")),
        sa.UniqueConstraint("visit_id", "staff_id", name=op.f("uq_ask_visit_id_staff_id")),
    )
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.create_index("ix_ask_counter_id_state", ["counter_id", "state", "issued_at"], unique=False)
        batch_op.create_index("ix_ask_department_id_local_date", ["department_id", "local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_ask_local_date"), ["local_date"], unique=False)
        batch_op.create_index("ix_ask_staff_id_local_date", ["staff_id", "local_date"], unique=False)
        batch_op.create_index("ix_ask_state_expires_at", ["state", "expires_at"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "PROCEDURES",
                "DOSSIERS",
                "DOSSIER_EVENTS",
                "ROWS",
                "ACTION",
                "UNDO",
                "REPROJECTION",
                name="batchkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=True),
        sa.Column("arguments", sa.JSON(), nullable=True),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "QUEUED",
                "RUNNING",
                "FINISHED",
                "CANCELLED",
                "FAILED",
                name="batchstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("total_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("updated_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unchanged_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refused_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "created_count + updated_count + unchanged_count + refused_count = done_count",
            name=op.f("ck_batch_counts_add_up"),
        ),
        sa.CheckConstraint("done_count <= total_count", name=op.f("ck_batch_done_within_total")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["batch.id"], name=op.f("fk_batch_undone_by_id_batch"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_batch_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_batch_public_id")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_file", ["kind", "file_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_user_id"), ["user_id"], unique=False)

    op.create_table(
        "collection_signature",
        sa.Column("collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["result_collection.id"],
            name=op.f("fk_collection_signature_collection_id_result_collection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", name=op.f("pk_collection_signature")),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "extent",
            sa.Enum("EVERYTHING", "SELECTED", name="extent", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("from_user_id <> to_user_id", name=op.f("ck_delegation_to_somebody_else")),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_delegation_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["from_user_id"],
            ["user_account.id"],
            name=op.f("fk_delegation_from_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"],
            ["user_account.id"],
            name=op.f("fk_delegation_revoked_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["user_account.id"], name=op.f("fk_delegation_to_user_id_user_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_from_at"), ["from_at"], unique=False)
        batch_op.create_index("ix_delegation_from_user_until", ["from_user_id", "until_at"], unique=False)
        batch_op.create_index("ix_delegation_to_user_until", ["to_user_id", "until_at"], unique=False)

    op.create_table(
        "emergency_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booklet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ISSUED",
                "ENTERED",
                "USED",
                "VOID",
                name="emergencystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'VOID' OR void_reason IS NOT NULL", name=op.f("ck_emergency_receipt_void_with_reason")
        ),
        sa.ForeignKeyConstraint(
            ["booklet_id"],
            ["emergency_booklet.id"],
            name=op.f("fk_emergency_receipt_booklet_id_emergency_booklet"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_receipt")),
        sa.UniqueConstraint("booklet_id", "position", name=op.f("uq_emergency_receipt_booklet_id_position")),
        sa.UniqueConstraint("number", name=op.f("uq_emergency_receipt_number")),
    )
    op.create_table(
        "execution_method",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("COUNTER", "ONLINE", "POST", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("limit_quantity", sa.Numeric(precision=9, scale=3), nullable=True),
        sa.Column(
            "limit_unit",
            sa.Enum(
                "WORKING_DAY",
                "HOUR",
                "DAY",
                "MONTH",
                name="limitunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("limit_text", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "limit_unit IS NULL OR limit_quantity > 0", name=op.f("ck_execution_method_computable_limit_positive")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_execution_method_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_execution_method")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_execution_method_version_id_position")),
    )
    with op.batch_alter_table("execution_method", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_execution_method_version_id"), ["version_id"], unique=False)

    op.create_table(
        "follow",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_follow_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("entity", "row_id", "user_id", name=op.f("uq_follow_entity_row_id_user_id")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_user_id"), ["user_id"], unique=False)

    op.create_table(
        "frozen_figures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("version = 1 OR reason IS NOT NULL", name=op.f("ck_frozen_figures_corrected_with_reason")),
        sa.CheckConstraint("version > 0", name=op.f("ck_frozen_figures_version_positive")),
        sa.ForeignKeyConstraint(
            ["frozen_by_id"],
            ["user_account.id"],
            name=op.f("fk_frozen_figures_frozen_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["report_period.id"],
            name=op.f("fk_frozen_figures_period_id_report_period"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_figures")),
        sa.UniqueConstraint("period_id", "version", name=op.f("uq_frozen_figures_period_id_version")),
    )
    with op.batch_alter_table("frozen_figures", schema=None) as batch_op:
        batch_op.create_index("ix_frozen_figures_frozen_at_id", ["frozen_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_frozen_figures_frozen_by_id"), ["frozen_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_frozen_figures_period_id"), ["period_id"], unique=False)

    op.create_table(
        "legal_basis",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_legal_basis_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_basis")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_legal_basis_version_id_position")),
    )
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_basis_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_legal_basis_version_id"), ["version_id"], unique=False)

    op.create_table(
        "national_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limit_quantity", sa.Numeric(precision=9, scale=3), nullable=True),
        sa.Column(
            "limit_unit",
            sa.Enum(
                "WORKING_DAY",
                "HOUR",
                "DAY",
                "MONTH",
                name="limitunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_national_case_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_case")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_national_case_version_id_position")),
    )
    with op.batch_alter_table("national_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_national_case_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_national_case_version_id"), ["version_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("OFFICE", "APPLICANT", name="noteaudience", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_note_author_id_user_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_note_row", ["entity", "row_id", "audience", "id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "MENTION",
                "ERRAND",
                "FOLLOWED",
                "WORK",
                "REQUEST",
                "ANSWER",
                "ESCALATION",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("message_values", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("read_at IS NULL OR read_at >= at", name=op.f("ck_notification_read_after_told")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notification_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_notification_user_id_key")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notification_unread",
            ["user_id"],
            unique=False,
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )
        batch_op.create_index("ix_notification_user_at", ["user_id", "at"], unique=False)

    op.create_table(
        "procedure_agency",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "EXECUTING",
                "COMPETENT",
                "AUTHORISED",
                "COORDINATING",
                "PUBLISHING",
                name="agencyrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_procedure_agency_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_procedure_agency_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_agency")),
    )
    with op.batch_alter_table("procedure_agency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_procedure_agency_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_procedure_agency_version_id"), ["version_id"], unique=False)

    op.create_table(
        "procedure_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_procedure_case_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_case")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_procedure_case_version_id_position")),
    )
    with op.batch_alter_table("procedure_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_procedure_case_version_id"), ["version_id"], unique=False)

    op.create_table(
        "procedure_source",
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_procedure_source_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_procedure_source")),
    )
    op.create_table(
        "process_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "RECEIVE",
                "WORK",
                "DECIDE",
                "AGENCY",
                "RETURN",
                name="stepkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "place",
            sa.Enum(
                "DECIDING", "RECEIVING", "NAMED", name="stepplace", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("budget_quantity", sa.Numeric(precision=9, scale=4), nullable=True),
        sa.Column(
            "budget_unit",
            sa.Enum(
                "WORKING_DAY",
                "HOUR",
                "DAY",
                "MONTH",
                name="limitunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(budget_quantity IS NULL) = (budget_unit IS NULL)", name=op.f("ck_process_step_budget_whole")
        ),
        sa.CheckConstraint(
            "budget_quantity IS NULL OR budget_quantity > 0", name=op.f("ck_process_step_budget_positive")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_process_step_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_process_step_role_id_role"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["process_version.id"],
            name=op.f("fk_process_step_version_id_process_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_step")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_process_step_version_id_code")),
    )
    with op.batch_alter_table("process_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_step_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_step_role_id"), ["role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_step_version_id"), ["version_id"], unique=False)

    op.create_table(
        "process_transition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "FORWARD", "BACK", "FINISH", name="transitionkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("from_code", sa.String(length=40), nullable=False),
        sa.Column("to_code", sa.String(length=40), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("needs_reason", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_process_transition_role_id_role"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["process_version.id"],
            name=op.f("fk_process_transition_version_id_process_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_transition")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_process_transition_version_id_code")),
    )
    with op.batch_alter_table("process_transition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_transition_role_id"), ["role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_transition_version_id"), ["version_id"], unique=False)

    op.create_table(
        "result_type",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["procedure_version.id"],
            name=op.f("fk_result_type_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_type")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_result_type_version_id_position")),
    )
    with op.batch_alter_table("result_type", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_type_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_type_version_id"), ["version_id"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("OWN", "ROLE", "ALL", name="audience", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(audience = 'ROLE') = (role_id IS NOT NULL)", name=op.f("ck_saved_view_role_where_for_one")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_saved_view_role_id_role"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "entity", "name", name=op.f("uq_saved_view_user_id_entity_name")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index("ix_saved_view_entity", ["entity", "audience"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_view_role_id"), ["role_id"], unique=False)

    op.create_table(
        "tablet_health",
        sa.Column("tablet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.Column("queue_length", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_plugged", sa.Boolean(), nullable=True),
        sa.Column("clock_skew_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scale_version", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tablet_id"], ["tablet.id"], name=op.f("fk_tablet_health_tablet_id_tablet"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tablet_id", name=op.f("pk_tablet_health")),
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_user_role_role_id_role"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_role_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_role")),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_role_role_id"), ["role_id"], unique=False)

    op.create_table(
        "ask_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ISSUED",
                "SHOWN",
                "TOUCHED",
                "RATED",
                "DECLINED",
                "TIMED_OUT",
                "WITHDRAWN",
                "EXPIRED",
                "VOIDED",
                name="askstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "surface",
            sa.Enum("SERVER", "TABLET", "PHONE", name="surface", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("tablet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_event_ask_id_ask"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tablet_id"], ["tablet.id"], name=op.f("fk_ask_event_tablet_id_tablet"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", "recorded_at", name=op.f("pk_ask_event")),
    )
    with op.batch_alter_table("ask_event", schema=None) as batch_op:
        batch_op.create_index("ix_ask_event_ask_id", ["ask_id", "recorded_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ask_event_tablet_id"), ["tablet_id"], unique=False)

    op.create_table(
        "batch_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "CREATED",
                "UPDATED",
                "UNCHANGED",
                "REFUSED",
                name="rowoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("entity", sa.String(length=60), nullable=True),
        sa.Column("entity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_values", sa.JSON(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id_batch"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_row")),
        sa.UniqueConstraint("batch_id", "line_number", name=op.f("uq_batch_row_batch_id_line_number")),
    )
    with op.batch_alter_table("batch_row", schema=None) as batch_op:
        batch_op.create_index("ix_batch_row_code", ["batch_id", "code"], unique=False)
        batch_op.create_index("ix_batch_row_fingerprint", ["entity", "fingerprint"], unique=False)
        batch_op.create_index("ix_batch_row_outcome", ["batch_id", "outcome", "line_number"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("legacy_code", sa.String(length=60), nullable=True),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("slip_token", sa.String(length=40), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("execution_method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("process_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "rule_set",
            sa.Enum(
                "BEFORE_2018", "2018", "2025", name="ruleset", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("rule_terms_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("applicant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "applicant_kind",
            sa.Enum(
                "CITIZEN",
                "ENTERPRISE",
                "ORGANISATION",
                name="applicantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("applicant_name", sa.String(length=300), nullable=False),
        sa.Column("applicant_id_number", sa.String(length=20), nullable=True),
        sa.Column("applicant_tax_code", sa.String(length=14), nullable=True),
        sa.Column("applicant_phone", sa.String(length=20), nullable=True),
        sa.Column("applicant_email", sa.String(length=200), nullable=True),
        sa.Column("applicant_address", sa.String(length=400), nullable=True),
        sa.Column("submitter_name", sa.String(length=300), nullable=True),
        sa.Column("submitter_id_number", sa.String(length=20), nullable=True),
        sa.Column(
            "submitter_proof",
            sa.Enum(
                "MESSENGER",
                "AUTHORISATION",
                "INTRODUCTION",
                "CONTRACT",
                "FAMILY",
                "GUARDIAN",
                name="proofkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("submitter_proof_number", sa.String(length=60), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("COUNTER", "ONLINE", "POST", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "return_method",
            sa.Enum(
                "COUNTER", "POST", "ONLINE", name="returnmethod", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7",
                "8",
                "9",
                "10",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state_before",
            sa.Enum(
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7",
                "8",
                "9",
                "10",
                name="state_before",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "delivery_state",
            sa.Enum(
                "NOT_READY",
                "READY",
                "IN_POST",
                "DELIVERED",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("shelf_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("responsible_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fee_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statutory_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("is_late_entry", sa.Boolean(), nullable=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("import_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("annulment_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annulment_asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annul_reason", sa.Text(), nullable=True),
        sa.Column("event_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "annulled_at IS NULL OR annul_reason IS NOT NULL", name=op.f("ck_dossier_annulled_with_reason")
        ),
        sa.CheckConstraint("fee_amount >= 0", name=op.f("ck_dossier_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["annulment_asked_by_id"],
            ["staff.id"],
            name=op.f("fk_dossier_annulment_asked_by_id_staff"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["applicant.id"], name=op.f("fk_dossier_applicant_id_applicant"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_dossier_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_dossier_department_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["execution_method_id"],
            ["execution_method.id"],
            name=op.f("fk_dossier_execution_method_id_execution_method"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["department.id"], name=op.f("fk_dossier_holder_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["procedure_case_id"],
            ["procedure_case.id"],
            name=op.f("fk_dossier_procedure_case_id_procedure_case"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_dossier_procedure_id_procedure"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["procedure_version_id"],
            ["procedure_version.id"],
            name=op.f("fk_dossier_procedure_version_id_procedure_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["process_version_id"],
            ["process_version.id"],
            name=op.f("fk_dossier_process_version_id_process_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["staff.id"], name=op.f("fk_dossier_received_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["staff.id"], name=op.f("fk_dossier_responsible_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["rule_terms_id"], ["rule_terms.id"], name=op.f("fk_dossier_rule_terms_id_rule_terms"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dossier_site_id_site"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["step_id"], ["process_step.id"], name=op.f("fk_dossier_step_id_process_step"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_annulment_asked_by_id"), ["annulment_asked_by_id"], unique=False)
        batch_op.create_index("ix_dossier_applicant", ["applicant_id", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_applicant_id_number"), ["applicant_id_number"], unique=False)
        batch_op.create_index("ix_dossier_channel", ["channel"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index("ix_dossier_delivery", ["site_id", "delivery_state", "finished_at"], unique=False)
        batch_op.create_index("ix_dossier_delivery_state", ["delivery_state"], unique=False)
        batch_op.create_index("ix_dossier_due_sort_at_id", ["due_sort_at", "id", "deleted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_execution_method_id"), ["execution_method_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_holder_id"), ["holder_id"], unique=False)
        batch_op.create_index("ix_dossier_is_imported", ["is_imported"], unique=False)
        batch_op.create_index("ix_dossier_is_late_entry", ["is_late_entry"], unique=False)
        batch_op.create_index("ix_dossier_is_training", ["is_training"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_procedure_case_id"), ["procedure_case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_procedure_id"), ["procedure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_procedure_version_id"), ["procedure_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_process_version_id"), ["process_version_id"], unique=False)
        batch_op.create_index("ix_dossier_received_at_id", ["received_at", "id", "deleted_at"], unique=False)
        batch_op.create_index("ix_dossier_received_by", ["received_by_id", "received_at"], unique=False)
        batch_op.create_index("ix_dossier_received_by_code", ["received_by_id", "code"], unique=False)
        batch_op.create_index("ix_dossier_received_by_due", ["received_by_id", "due_sort_at"], unique=False)
        batch_op.create_index("ix_dossier_responsible", ["responsible_id", "state", "due_sort_at", "id"], unique=False)
        batch_op.create_index("ix_dossier_responsible_code", ["responsible_id", "code"], unique=False)
        batch_op.create_index("ix_dossier_responsible_due", ["responsible_id", "due_sort_at"], unique=False)
        batch_op.create_index("ix_dossier_responsible_received", ["responsible_id", "received_at"], unique=False)
        batch_op.create_index("ix_dossier_return_method", ["return_method"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_rule_terms_id"), ["rule_terms_id"], unique=False)
        batch_op.create_index("ix_dossier_state", ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_step_id"), ["step_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_submitter_id_number"), ["submitter_id_number"], unique=False)
        batch_op.create_index("ix_dossier_work", ["department_id", "state", "due_sort_at", "id"], unique=False)
        batch_op.create_index(
            "uq_dossier_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_dossier_import_fingerprint",
            ["import_fingerprint"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_dossier_legacy_code",
            ["legacy_code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_dossier_public_id",
            ["public_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_dossier_shelf",
            ["site_id", "shelf_number"],
            unique=True,
            sqlite_where=sa.text("shelf_number IS NOT NULL"),
            postgresql_where=sa.text("shelf_number IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_dossier_slip_token",
            ["slip_token"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "fee_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "FEE",
                "SERVICE_FEE",
                "PRICE_LEVEL",
                name="feekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("foreign_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("foreign_currency", sa.String(length=3), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("attachment", sa.String(length=300), nullable=True),
        sa.CheckConstraint("amount_vnd >= 0", name=op.f("ck_fee_rule_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["execution_method.id"],
            name=op.f("fk_fee_rule_method_id_execution_method"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rule")),
        sa.UniqueConstraint("method_id", "position", name=op.f("uq_fee_rule_method_id_position")),
    )
    with op.batch_alter_table("fee_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fee_rule_method_id"), ["method_id"], unique=False)

    op.create_table(
        "import_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("sheet", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("header_line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("month_first", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("total_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_all_or_nothing", sa.Boolean(), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_import_draft_batch_id_batch"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_import_draft_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_draft_public_id")),
    )
    with op.batch_alter_table("import_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_draft_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_import_draft_created_at", ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_draft_user_id"), ["user_id"], unique=False)

    op.create_table(
        "letter_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frozen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("authority", sa.String(length=300), nullable=False),
        sa.Column("agency", sa.String(length=300), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("difficulties", sa.Text(), nullable=False),
        sa.Column("plans", sa.Text(), nullable=False),
        sa.Column("copies", sa.Text(), nullable=False),
        sa.Column("signer_title", sa.String(length=200), nullable=False),
        sa.Column("signer_name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_letter_version_number_positive")),
        sa.ForeignKeyConstraint(
            ["frozen_id"],
            ["frozen_figures.id"],
            name=op.f("fk_letter_version_frozen_id_frozen_figures"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["report_letter.id"],
            name=op.f("fk_letter_version_letter_id_report_letter"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"],
            ["user_account.id"],
            name=op.f("fk_letter_version_saved_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_version")),
        sa.UniqueConstraint("letter_id", "number", name=op.f("uq_letter_version_letter_id_number")),
    )
    with op.batch_alter_table("letter_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_version_frozen_id"), ["frozen_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_version_saved_by_id"), ["saved_by_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("access_epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delegation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_login_session_counter_id_counter"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["delegation_id"],
            ["delegation.id"],
            name=op.f("fk_login_session_delegation_id_delegation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_login_session_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "note_errand",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"],
            ["user_account.id"],
            name=op.f("fk_note_errand_assignee_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["note_id"], ["note.id"], name=op.f("fk_note_errand_note_id_note"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_errand")),
        sa.UniqueConstraint("note_id", name=op.f("uq_note_errand_note_id")),
    )
    with op.batch_alter_table("note_errand", schema=None) as batch_op:
        batch_op.create_index(
            "ix_note_errand_open",
            ["assignee_id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "note_mention",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["note.id"], name=op.f("fk_note_mention_note_id_note"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_note_mention_user_id_user_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_mention")),
        sa.UniqueConstraint("note_id", "user_id", name=op.f("uq_note_mention_note_id_user_id")),
    )
    with op.batch_alter_table("note_mention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_mention_user_id"), ["user_id"], unique=False)

    op.create_table(
        "rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("ask_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("scale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level_order", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column(
            "surface",
            sa.Enum("SERVER", "TABLET", "PHONE", name="surface", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("tablet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_rating_ask_id_ask"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_rating_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_rating_department_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["rating_scale.id"], name=op.f("fk_rating_scale_id_rating_scale"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_rating_staff_id_staff"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tablet_id"], ["tablet.id"], name=op.f("fk_rating_tablet_id_tablet"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("ask_id", name=op.f("uq_rating_ask_id")),
        sa.UniqueConstraint("key", name=op.f("uq_rating_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rating_public_id")),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index("ix_rating_department_id_local_date", ["department_id", "local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_rating_scale_id"), ["scale_id"], unique=False)
        batch_op.create_index("ix_rating_staff_id_local_date", ["staff_id", "local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_rating_tablet_id"), ["tablet_id"], unique=False)

    op.create_table(
        "required_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=160), nullable=True),
        sa.Column("originals", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("copies", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("has_electronic_form", sa.Boolean(), nullable=False),
        sa.Column("is_earlier_result", sa.Boolean(), nullable=False),
        sa.CheckConstraint("originals >= 0 AND copies >= 0", name=op.f("ck_required_document_counts_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["procedure_case.id"],
            name=op.f("fk_required_document_case_id_procedure_case"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_document")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_required_document_case_id_position")),
    )
    with op.batch_alter_table("required_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_required_document_case_id"), ["case_id"], unique=False)

    op.create_table(
        "apology",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_after_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statutory_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("due_after_at > due_before_at", name=op.f("ck_apology_extends")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_apology_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["staff.id"], name=op.f("fk_apology_signed_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apology")),
        sa.UniqueConstraint("dossier_id", "number", name=op.f("uq_apology_dossier_id_number")),
    )
    with op.batch_alter_table("apology", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_apology_signed_by_id"), ["signed_by_id"], unique=False)

    op.create_table(
        "cash_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("RECEIPT", "VOID", name="cashkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("amount_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum("CASH", "TRANSFER", name="paymentmethod", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payer_name", sa.String(length=300), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("voided_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'RECEIPT' AND amount_vnd > 0 AND voided_id IS NULL) OR (kind = 'VOID' AND amount_vnd < 0 AND voided_id IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_cash_receipt_receipt_or_void"),
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_cash_receipt_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_cash_receipt_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_cash_receipt_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_cash_receipt_site_id_site"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_cash_receipt_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["voided_id"], ["cash_receipt.id"], name=op.f("fk_cash_receipt_voided_id_cash_receipt"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_receipt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cash_receipt_public_id")),
        sa.UniqueConstraint(
            "site_id",
            "year",
            "is_training",
            "number",
            "kind",
            name=op.f("uq_cash_receipt_site_id_year_is_training_number_kind"),
        ),
        sa.UniqueConstraint("voided_id", name=op.f("uq_cash_receipt_voided_id")),
    )
    with op.batch_alter_table("cash_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cash_receipt_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_cash_receipt_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index("ix_cash_receipt_day", ["staff_id", "local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_cash_receipt_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cash_receipt_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index("ix_cash_receipt_received_at_id", ["received_at", "id"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("limit_quantity", sa.Numeric(precision=9, scale=4), nullable=True),
        sa.Column(
            "limit_unit",
            sa.Enum(
                "WORKING_DAY",
                "HOUR",
                "DAY",
                "MONTH",
                name="limitunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "RUNNING", "STOPPED", "ENDED", name="clockstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("counted_from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("running_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("budget_microseconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("consumed_microseconds", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statutory_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("last_occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'ENDED') = (ended_at IS NOT NULL)", name=op.f("ck_clock_ended_at_when_ended")),
        sa.CheckConstraint(
            "(state = 'RUNNING') = (running_since_at IS NOT NULL)", name=op.f("ck_clock_running_since_when_running")
        ),
        sa.CheckConstraint(
            "(state = 'STOPPED') = (stopped_at IS NOT NULL)", name=op.f("ck_clock_stopped_at_when_stopped")
        ),
        sa.CheckConstraint("(limit_quantity IS NULL) = (limit_unit IS NULL)", name=op.f("ck_clock_limit_whole")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_clock_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_clock_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_clock_dossier_id")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clock_site_id"), ["site_id"], unique=False)

    op.create_table(
        "dossier_access",
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("is_direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_dossier_access_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_access_dossier_id_dossier"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dossier_id", "department_id", name=op.f("pk_dossier_access")),
    )
    with op.batch_alter_table("dossier_access", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dossier_access_code", ["department_id", "code", "dossier_id", "is_direct"], unique=False
        )
        batch_op.create_index(
            "ix_dossier_access_due", ["department_id", "due_sort_at", "dossier_id", "is_direct"], unique=False
        )
        batch_op.create_index(
            "ix_dossier_access_list", ["department_id", "received_at", "dossier_id", "is_direct"], unique=False
        )

    op.create_table(
        "dossier_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("required_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("original_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("certified_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("copy_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "original_count >= 0 AND certified_count >= 0 AND copy_count >= 0",
            name=op.f("ck_dossier_document_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_document_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["required_document_id"],
            ["required_document.id"],
            name=op.f("fk_dossier_document_required_document_id_required_document"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_document")),
    )
    with op.batch_alter_table("dossier_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_document_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_dossier_document_required_document_id"), ["required_document_id"], unique=False
        )

    op.create_table(
        "dossier_fee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "FEE",
                "SERVICE_FEE",
                "PRICE_LEVEL",
                name="feekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_vnd >= 0", name=op.f("ck_dossier_fee_amount_not_negative")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_dossier_fee_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_fee_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fee_rule_id"], ["fee_rule.id"], name=op.f("fk_dossier_fee_fee_rule_id_fee_rule"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_fee")),
    )
    with op.batch_alter_table("dossier_fee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_fee_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_fee_fee_rule_id"), ["fee_rule_id"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rung_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("OPEN", "HANDLED", name="escalationstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'HANDLED') = (handled_at IS NOT NULL)", name=op.f("ck_escalation_handled_at_when_handled")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_escalation_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["handled_by_id"], ["staff.id"], name=op.f("fk_escalation_handled_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["rung_id"], ["escalation_rung.id"], name=op.f("fk_escalation_rung_id_escalation_rung"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint(
            "rung_id",
            "dossier_id",
            "subject_id",
            "due_at",
            name=op.f("uq_escalation_rung_id_dossier_id_subject_id_due_at"),
        ),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalation_handled_by_id"), ["handled_by_id"], unique=False)
        batch_op.create_index("ix_escalation_state", ["state", "id"], unique=False)

    op.create_table(
        "form_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("source_path", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["required_document.id"],
            name=op.f("fk_form_file_document_id_required_document"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_file")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_form_file_document_id_position")),
    )
    with op.batch_alter_table("form_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_file_document_id"), ["document_id"], unique=False)

    op.create_table(
        "handover_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handover_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_handover_item_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["handover_list.id"],
            name=op.f("fk_handover_item_handover_id_handover_list"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_item")),
        sa.UniqueConstraint("handover_id", "dossier_id", name=op.f("uq_handover_item_handover_id_dossier_id")),
    )
    with op.batch_alter_table("handover_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_item_dossier_id"), ["dossier_id"], unique=False)

    op.create_table(
        "import_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["import_draft.id"], name=op.f("fk_import_block_draft_id_import_draft"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_block")),
    )
    with op.batch_alter_table("import_block", schema=None) as batch_op:
        batch_op.create_index("ix_import_block_place", ["draft_id", "sheet", "last_line"], unique=False)

    op.create_table(
        "late_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INTAKE", "SUPPLEMENT", "RETURN", name="latekind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "PENDING",
                "CONFIRMED",
                "REFUSED",
                name="latestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'CONFIRMED' OR decided_by_id IS NOT NULL", name=op.f("ck_late_entry_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "state <> 'CONFIRMED' OR dossier_id IS NOT NULL", name=op.f("ck_late_entry_confirmed_with_dossier")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> entered_by_id", name=op.f("ck_late_entry_second_person")
        ),
        sa.CheckConstraint("happened_at <= entered_at", name=op.f("ck_late_entry_happened_before_entered")),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_late_entry_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_late_entry_decided_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_late_entry_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_late_entry_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"],
            ["user_account.id"],
            name=op.f("fk_late_entry_entered_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["emergency_receipt.id"],
            name=op.f("fk_late_entry_receipt_id_emergency_receipt"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_late_entry_public_id")),
    )
    with op.batch_alter_table("late_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_late_entry_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_late_entry_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index("ix_late_entry_department_id_id", ["department_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_late_entry_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_late_entry_entered_by_id"), ["entered_by_id"], unique=False)
        batch_op.create_index(
            "uq_late_entry_receipt",
            ["receipt_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'REFUSED'"),
            postgresql_where=sa.text("state <> 'REFUSED'"),
        )

    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "SENT",
                "ACKNOWLEDGED",
                "DONE",
                "WITHDRAWN",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'DONE') = (answered_at IS NOT NULL)", name=op.f("ck_opinion_answered_when_done")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["staff.id"], name=op.f("fk_opinion_answered_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_opinion_asked_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_opinion_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["from_department_id"],
            ["department.id"],
            name=op.f("fk_opinion_from_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["to_department_id"],
            ["department.id"],
            name=op.f("fk_opinion_to_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_answered_by_id"), ["answered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index("ix_opinion_from", ["from_department_id", "state", "due_at"], unique=False)
        batch_op.create_index("ix_opinion_to", ["to_department_id", "state", "due_at"], unique=False)

    op.create_table(
        "rating_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SCORE",
                "WITHDRAW",
                "REASONS",
                "TEXT",
                "CONTACT",
                name="ratingeventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(kind = 'SCORE') = (level_id IS NOT NULL)", name=op.f("ck_rating_event_level_iff_score")),
        sa.ForeignKeyConstraint(
            ["level_id"], ["rating_level.id"], name=op.f("fk_rating_event_level_id_rating_level"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name=op.f("fk_rating_event_rating_id_rating"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_event")),
        sa.UniqueConstraint("key", name=op.f("uq_rating_event_key")),
        sa.UniqueConstraint("rating_id", "sequence", name=op.f("uq_rating_event_rating_id_sequence")),
    )
    with op.batch_alter_table("rating_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_event_level_id"), ["level_id"], unique=False)

    op.create_table(
        "rating_standing",
        sa.Column(
            "rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("scale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "polarity",
            sa.Enum(
                "POSITIVE", "NEUTRAL", "NEGATIVE", name="polarity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_rating_standing_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_rating_standing_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["level_id"],
            ["rating_level.id"],
            name=op.f("fk_rating_standing_level_id_rating_level"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name=op.f("fk_rating_standing_rating_id_rating"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["scale_id"],
            ["rating_scale.id"],
            name=op.f("fk_rating_standing_scale_id_rating_scale"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_rating_standing_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("rating_id", name=op.f("pk_rating_standing")),
    )
    with op.batch_alter_table("rating_standing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_standing_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index(
            "ix_rating_standing_department_id_local_date", ["department_id", "local_date"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_rating_standing_level_id"), ["level_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rating_standing_local_date"), ["local_date"], unique=False)
        batch_op.create_index(batch_op.f("ix_rating_standing_scale_id"), ["scale_id"], unique=False)
        batch_op.create_index("ix_rating_standing_staff_id_local_date", ["staff_id", "local_date"], unique=False)

    op.create_table(
        "result",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "GRANTED", "REFUSED_ON_MERITS", name="resultkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("document_number", sa.String(length=100), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_back_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_result_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_result_staff_id_staff"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "result_reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("MESSAGE", "CALL", name="reminderkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "WILL_COME",
                "WANTS_POST",
                "NOT_REACHED",
                "WRONG_NUMBER",
                name="calloutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("again_on_date", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_result_reminder_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_result_reminder_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_reminder")),
    )
    with op.batch_alter_table("result_reminder", schema=None) as batch_op:
        batch_op.create_index("ix_result_reminder_dossier_id_id", ["dossier_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_reminder_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "step_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= since_at", name=op.f("ck_step_task_ended_after_begun")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["staff.id"], name=op.f("fk_step_task_assignee_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_step_task_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_step_task_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["staff.id"], name=op.f("fk_step_task_ended_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["process_step.id"], name=op.f("fk_step_task_step_id_process_step"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_task")),
        sa.UniqueConstraint("dossier_id", "number", name=op.f("uq_step_task_dossier_id_number")),
    )
    with op.batch_alter_table("step_task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_step_task_assignee",
            ["assignee_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_step_task_department",
            ["department_id", "assignee_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_step_task_ended_by_id"), ["ended_by_id"], unique=False)
        batch_op.create_index("ix_step_task_step_id", ["step_id"], unique=False)
        batch_op.create_index(
            "uq_step_task_open",
            ["dossier_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "supplement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("is_beyond", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer_by_date", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("NOT is_beyond OR ground IS NOT NULL", name=op.f("ck_supplement_beyond_with_ground")),
        sa.CheckConstraint("number > 0", name=op.f("ck_supplement_number_positive")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_supplement_asked_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_supplement_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
        sa.UniqueConstraint("dossier_id", "number", name=op.f("uq_supplement_dossier_id_number")),
    )
    with op.batch_alter_table("supplement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supplement_asked_by_id"), ["asked_by_id"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "SENT",
                "ACKNOWLEDGED",
                "DONE",
                "WITHDRAWN",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'DONE') = (returned_at IS NOT NULL)", name=op.f("ck_transfer_returned_when_done")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["staff.id"], name=op.f("fk_transfer_acknowledged_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_transfer_asked_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["staff.id"], name=op.f("fk_transfer_assignee_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_transfer_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["from_department_id"],
            ["department.id"],
            name=op.f("fk_transfer_from_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["staff.id"], name=op.f("fk_transfer_returned_by_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["to_department_id"],
            ["department.id"],
            name=op.f("fk_transfer_to_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_acknowledged_by_id"), ["acknowledged_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index("ix_transfer_from", ["from_department_id", "state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_returned_by_id"), ["returned_by_id"], unique=False)
        batch_op.create_index("ix_transfer_to", ["to_department_id", "state", "due_at"], unique=False)

    op.create_table(
        "visit_transaction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INTAKE",
                "SUPPLEMENT",
                "RETURN",
                "REFUSAL",
                "COUNSELLING",
                name="transactionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "presence",
            sa.Enum(
                "COUNTER",
                "POST",
                "ONLINE",
                "PHONE",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_training", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "finished_at IS NULL OR finished_at >= started_at", name=op.f("ck_visit_transaction_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["counter_id"], ["counter.id"], name=op.f("fk_visit_transaction_counter_id_counter"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_visit_transaction_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["procedure.id"],
            name=op.f("fk_visit_transaction_procedure_id_procedure"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_visit_transaction_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_transaction_visit_id_visit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_transaction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_transaction_public_id")),
    )
    with op.batch_alter_table("visit_transaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_transaction_counter_id"), ["counter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_transaction_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_transaction_procedure_id"), ["procedure_id"], unique=False)
        batch_op.create_index("ix_visit_transaction_staff_id_started_at", ["staff_id", "started_at"], unique=False)
        batch_op.create_index("ix_visit_transaction_started_at_id", ["started_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_transaction_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "ask_transaction",
        sa.Column(
            "transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("ask_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ask_id"], ["ask.id"], name=op.f("fk_ask_transaction_ask_id_ask"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["visit_transaction.id"],
            name=op.f("fk_ask_transaction_transaction_id_visit_transaction"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_ask_transaction")),
    )
    with op.batch_alter_table("ask_transaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_transaction_ask_id"), ["ask_id"], unique=False)

    op.create_table(
        "clock_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "START",
                "STOP",
                "RESUME",
                "RESTART",
                "END",
                "REOPEN",
                "EXTEND",
                "CALENDAR",
                name="clockeventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_quantity", sa.Numeric(precision=9, scale=4), nullable=True),
        sa.Column(
            "limit_unit",
            sa.Enum(
                "WORKING_DAY",
                "HOUR",
                "DAY",
                "MONTH",
                name="limitunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("consumed_microseconds", sa.String(length=60), nullable=False),
        sa.Column("due_before_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statutory_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "SUBMITTED",
                "RECEIVED",
                "REFUSED",
                "STARTED",
                "ASSIGNED",
                "STEP_TAKEN",
                "TRANSFER_SENT",
                "TRANSFER_ACKNOWLEDGED",
                "TRANSFER_RETURNED",
                "OPINION_ASKED",
                "OPINION_ANSWERED",
                "OPINION_WITHDRAWN",
                "SUPPLEMENT_ASKED",
                "SUPPLEMENT_RECEIVED",
                "PAYMENT_ASKED",
                "PAYMENT_SETTLED",
                "WITHDRAWAL_ASKED",
                "WITHDRAWAL_REVOKED",
                "STOPPED",
                "DECIDED",
                "SHELVED",
                "POSTED",
                "POST_FAILED",
                "RETURNED",
                "TAKEN_BACK",
                "NOT_TAKEN_BACK",
                "REOPENED",
                "ANNULMENT_ASKED",
                "ANNULLED",
                "EXTENDED",
                "DUE_MOVED",
                "IMPORTED",
                "PAPERS_SENT",
                "PAPERS_RECEIVED",
                "PAPERS_MISSING",
                "TAKEN_UP",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("late_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "occurred_at = recorded_at OR staff_id IS NULL OR late_entry_id IS NOT NULL",
            name=op.f("ck_clock_event_written_at_once"),
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_clock_event_sequence_positive")),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_clock_event_clock_id_clock"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["late_entry_id"],
            ["late_entry.id"],
            name=op.f("fk_clock_event_late_entry_id_late_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_clock_event_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", "recorded_at", name=op.f("pk_clock_event")),
    )
    with op.batch_alter_table("clock_event", schema=None) as batch_op:
        batch_op.create_index("ix_clock_event_clock_id_sequence", ["clock_id", "sequence"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_event_late_entry_id"), ["late_entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_event_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "dossier_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SUBMITTED",
                "RECEIVED",
                "REFUSED",
                "STARTED",
                "ASSIGNED",
                "STEP_TAKEN",
                "TRANSFER_SENT",
                "TRANSFER_ACKNOWLEDGED",
                "TRANSFER_RETURNED",
                "OPINION_ASKED",
                "OPINION_ANSWERED",
                "OPINION_WITHDRAWN",
                "SUPPLEMENT_ASKED",
                "SUPPLEMENT_RECEIVED",
                "PAYMENT_ASKED",
                "PAYMENT_SETTLED",
                "WITHDRAWAL_ASKED",
                "WITHDRAWAL_REVOKED",
                "STOPPED",
                "DECIDED",
                "SHELVED",
                "POSTED",
                "POST_FAILED",
                "RETURNED",
                "TAKEN_BACK",
                "NOT_TAKEN_BACK",
                "REOPENED",
                "ANNULMENT_ASKED",
                "ANNULLED",
                "EXTENDED",
                "DUE_MOVED",
                "IMPORTED",
                "PAPERS_SENT",
                "PAPERS_RECEIVED",
                "PAPERS_MISSING",
                "TAKEN_UP",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state_from",
            sa.Enum(
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7",
                "8",
                "9",
                "10",
                name="state_from",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state_to",
            sa.Enum(
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7",
                "8",
                "9",
                "10",
                name="state_to",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("is_after_end", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("late_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "occurred_at = recorded_at OR staff_id IS NULL OR kind = 'IMPORTED' OR batch_id IS NOT NULL OR late_entry_id IS NOT NULL",
            name=op.f("ck_dossier_event_written_at_once"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_dossier_event_batch_id_batch"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_dossier_event_department_id_department"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_event_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["department.id"], name=op.f("fk_dossier_event_holder_id_department"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["late_entry_id"],
            ["late_entry.id"],
            name=op.f("fk_dossier_event_late_entry_id_late_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_dossier_event_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["process_step.id"], name=op.f("fk_dossier_event_step_id_process_step"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", "recorded_at", name=op.f("pk_dossier_event")),
    )
    with op.batch_alter_table("dossier_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_event_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_dossier_event_dossier_id_sequence", ["dossier_id", "sequence"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_event_holder_id"), ["holder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_event_late_entry_id"), ["late_entry_id"], unique=False)
        batch_op.create_index("ix_dossier_event_occurred_at", ["occurred_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_event_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_event_step_id"), ["step_id"], unique=False)

    op.create_table(
        "late_content",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["late_entry.id"], name=op.f("fk_late_content_entry_id_late_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_late_content")),
    )
    op.create_table(
        "rating_reason_choice",
        sa.Column(
            "rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "reason_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"],
            ["rating_standing.rating_id"],
            name=op.f("fk_rating_reason_choice_rating_id_rating_standing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"],
            ["rating_reason.id"],
            name=op.f("fk_rating_reason_choice_reason_id_rating_reason"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("rating_id", "reason_id", name=op.f("pk_rating_reason_choice")),
    )
    with op.batch_alter_table("rating_reason_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_reason_choice_reason_id"), ["reason_id"], unique=False)

    op.create_table(
        "rating_text",
        sa.Column(
            "event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["rating_event.id"], name=op.f("fk_rating_text_event_id_rating_event"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name=op.f("fk_rating_text_rating_id_rating"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_rating_text")),
    )
    with op.batch_alter_table("rating_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_text_rating_id"), ["rating_id"], unique=False)

    op.create_table(
        "result_return",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "COUNTER", "POST", "ONLINE", name="returnmethod", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("carrier", sa.String(length=200), nullable=True),
        sa.Column("waybill", sa.String(length=60), nullable=True),
        sa.Column("postage_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "postage_payer",
            sa.Enum(
                "APPLICANT_ON_DELIVERY",
                "APPLICANT_PAID",
                "CENTRE",
                name="postagepayer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(method = 'COUNTER') = (collection_id IS NOT NULL)", name=op.f("ck_result_return_counter_with_collection")
        ),
        sa.CheckConstraint("method <> 'POST' OR waybill IS NOT NULL", name=op.f("ck_result_return_post_with_waybill")),
        sa.CheckConstraint(
            "delivered_at IS NULL OR failed_at IS NULL", name=op.f("ck_result_return_delivered_or_failed")
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["result_collection.id"],
            name=op.f("fk_result_return_collection_id_result_collection"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_result_return_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_result_return_result_id_result"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_result_return_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_return")),
    )
    with op.batch_alter_table("result_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_return_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_return_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_return_result_id"), ["result_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_return_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_return_waybill"), ["waybill"], unique=False)

    op.create_table(
        "scan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("intake_key", sa.String(length=80), nullable=True),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("required_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dossier_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("dossier_id IS NOT NULL OR intake_key IS NOT NULL", name=op.f("ck_scan_belongs_somewhere")),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user_account.id"], name=op.f("fk_scan_checked_by_id_user_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dossier_document_id"],
            ["dossier_document.id"],
            name=op.f("fk_scan_dossier_document_id_dossier_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_scan_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["required_document_id"],
            ["required_document.id"],
            name=op.f("fk_scan_required_document_id_required_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_scan_sha256_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["user_account.id"],
            name=op.f("fk_scan_uploaded_by_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scan_public_id")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_dossier_document_id"), ["dossier_document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index("ix_scan_intake", ["uploaded_by_id", "intake_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_required_document_id"), ["required_document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_sha256"), ["sha256"], unique=False)

    op.create_table(
        "postal_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("postal_list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("waybill", sa.String(length=60), nullable=False),
        sa.Column("postage_amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "postage_payer",
            sa.Enum(
                "APPLICANT_ON_DELIVERY",
                "APPLICANT_PAID",
                "CENTRE",
                name="postagepayer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("postage_amount >= 0", name=op.f("ck_postal_item_postage_not_negative")),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_postal_item_dossier_id_dossier"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["postal_list_id"],
            ["postal_list.id"],
            name=op.f("fk_postal_item_postal_list_id_postal_list"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["result_return.id"],
            name=op.f("fk_postal_item_return_id_result_return"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postal_item")),
        sa.UniqueConstraint("postal_list_id", "position", name=op.f("uq_postal_item_postal_list_id_position")),
        sa.UniqueConstraint("return_id", name=op.f("uq_postal_item_return_id")),
    )
    with op.batch_alter_table("postal_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postal_item_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_postal_item_waybill"), ["waybill"], unique=False)
        batch_op.create_index(
            "uq_postal_item_waiting",
            ["dossier_id"],
            unique=True,
            sqlite_where=sa.text("return_id IS NULL"),
            postgresql_where=sa.text("return_id IS NULL"),
        )
    with op.batch_alter_table("procedure") as batch_op:
        batch_op.create_foreign_key(
            "fk_procedure_current_version_id_procedure_version",
            "procedure_version",
            ["current_version_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("procedure") as batch_op:
        batch_op.drop_constraint("fk_procedure_current_version_id_procedure_version", type_="foreignkey")
    with op.batch_alter_table("postal_item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_postal_item_waiting",
            sqlite_where=sa.text("return_id IS NULL"),
            postgresql_where=sa.text("return_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_postal_item_waybill"))
        batch_op.drop_index(batch_op.f("ix_postal_item_dossier_id"))

    op.drop_table("postal_item")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_sha256"))
        batch_op.drop_index(batch_op.f("ix_scan_required_document_id"))
        batch_op.drop_index("ix_scan_intake")
        batch_op.drop_index(batch_op.f("ix_scan_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_scan_dossier_document_id"))
        batch_op.drop_index(batch_op.f("ix_scan_checked_by_id"))

    op.drop_table("scan")
    with op.batch_alter_table("result_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_return_waybill"))
        batch_op.drop_index(batch_op.f("ix_result_return_staff_id"))
        batch_op.drop_index(batch_op.f("ix_result_return_result_id"))
        batch_op.drop_index(batch_op.f("ix_result_return_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_result_return_collection_id"))

    op.drop_table("result_return")
    with op.batch_alter_table("rating_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_text_rating_id"))

    op.drop_table("rating_text")
    with op.batch_alter_table("rating_reason_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_reason_choice_reason_id"))

    op.drop_table("rating_reason_choice")
    op.drop_table("late_content")
    with op.batch_alter_table("dossier_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_event_step_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_event_staff_id"))
        batch_op.drop_index("ix_dossier_event_occurred_at")
        batch_op.drop_index(batch_op.f("ix_dossier_event_late_entry_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_event_holder_id"))
        batch_op.drop_index("ix_dossier_event_dossier_id_sequence")
        batch_op.drop_index(batch_op.f("ix_dossier_event_department_id"))

    op.drop_table("dossier_event")
    with op.batch_alter_table("clock_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clock_event_staff_id"))
        batch_op.drop_index(batch_op.f("ix_clock_event_late_entry_id"))
        batch_op.drop_index("ix_clock_event_clock_id_sequence")

    op.drop_table("clock_event")
    with op.batch_alter_table("ask_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_transaction_ask_id"))

    op.drop_table("ask_transaction")
    with op.batch_alter_table("visit_transaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_transaction_visit_id"))
        batch_op.drop_index("ix_visit_transaction_started_at_id")
        batch_op.drop_index("ix_visit_transaction_staff_id_started_at")
        batch_op.drop_index(batch_op.f("ix_visit_transaction_procedure_id"))
        batch_op.drop_index(batch_op.f("ix_visit_transaction_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_visit_transaction_counter_id"))

    op.drop_table("visit_transaction")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_to")
        batch_op.drop_index(batch_op.f("ix_transfer_returned_by_id"))
        batch_op.drop_index("ix_transfer_from")
        batch_op.drop_index(batch_op.f("ix_transfer_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_assignee_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_asked_by_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_acknowledged_by_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("supplement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplement_asked_by_id"))

    op.drop_table("supplement")
    with op.batch_alter_table("step_task", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_step_task_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_step_task_step_id")
        batch_op.drop_index(batch_op.f("ix_step_task_ended_by_id"))
        batch_op.drop_index(
            "ix_step_task_department",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_step_task_assignee",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("step_task")
    with op.batch_alter_table("result_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_reminder_staff_id"))
        batch_op.drop_index("ix_result_reminder_dossier_id_id")

    op.drop_table("result_reminder")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_staff_id"))
        batch_op.drop_index(batch_op.f("ix_result_dossier_id"))

    op.drop_table("result")
    with op.batch_alter_table("rating_standing", schema=None) as batch_op:
        batch_op.drop_index("ix_rating_standing_staff_id_local_date")
        batch_op.drop_index(batch_op.f("ix_rating_standing_scale_id"))
        batch_op.drop_index(batch_op.f("ix_rating_standing_local_date"))
        batch_op.drop_index(batch_op.f("ix_rating_standing_level_id"))
        batch_op.drop_index("ix_rating_standing_department_id_local_date")
        batch_op.drop_index(batch_op.f("ix_rating_standing_counter_id"))

    op.drop_table("rating_standing")
    with op.batch_alter_table("rating_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_event_level_id"))

    op.drop_table("rating_event")
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_index("ix_opinion_to")
        batch_op.drop_index("ix_opinion_from")
        batch_op.drop_index(batch_op.f("ix_opinion_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_asked_by_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_answered_by_id"))

    op.drop_table("opinion")
    with op.batch_alter_table("late_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_late_entry_receipt",
            sqlite_where=sa.text("state <> 'REFUSED'"),
            postgresql_where=sa.text("state <> 'REFUSED'"),
        )
        batch_op.drop_index(batch_op.f("ix_late_entry_entered_by_id"))
        batch_op.drop_index(batch_op.f("ix_late_entry_dossier_id"))
        batch_op.drop_index("ix_late_entry_department_id_id")
        batch_op.drop_index(batch_op.f("ix_late_entry_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_late_entry_counter_id"))

    op.drop_table("late_entry")
    with op.batch_alter_table("import_block", schema=None) as batch_op:
        batch_op.drop_index("ix_import_block_place")

    op.drop_table("import_block")
    with op.batch_alter_table("handover_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_item_dossier_id"))

    op.drop_table("handover_item")
    with op.batch_alter_table("form_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_file_document_id"))

    op.drop_table("form_file")
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_state")
        batch_op.drop_index(batch_op.f("ix_escalation_handled_by_id"))
        batch_op.drop_index(batch_op.f("ix_escalation_dossier_id"))

    op.drop_table("escalation")
    with op.batch_alter_table("dossier_fee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_fee_fee_rule_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_fee_dossier_id"))

    op.drop_table("dossier_fee")
    with op.batch_alter_table("dossier_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_document_required_document_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_document_dossier_id"))

    op.drop_table("dossier_document")
    with op.batch_alter_table("dossier_access", schema=None) as batch_op:
        batch_op.drop_index("ix_dossier_access_list")
        batch_op.drop_index("ix_dossier_access_due")
        batch_op.drop_index("ix_dossier_access_code")

    op.drop_table("dossier_access")
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clock_site_id"))

    op.drop_table("clock")
    with op.batch_alter_table("cash_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_receipt_received_at_id")
        batch_op.drop_index(batch_op.f("ix_cash_receipt_dossier_id"))
        batch_op.drop_index(batch_op.f("ix_cash_receipt_department_id"))
        batch_op.drop_index("ix_cash_receipt_day")
        batch_op.drop_index(batch_op.f("ix_cash_receipt_counter_id"))
        batch_op.drop_index(batch_op.f("ix_cash_receipt_code"))

    op.drop_table("cash_receipt")
    with op.batch_alter_table("apology", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_apology_signed_by_id"))

    op.drop_table("apology")
    with op.batch_alter_table("required_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_required_document_case_id"))

    op.drop_table("required_document")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_tablet_id"))
        batch_op.drop_index("ix_rating_staff_id_local_date")
        batch_op.drop_index(batch_op.f("ix_rating_scale_id"))
        batch_op.drop_index("ix_rating_department_id_local_date")
        batch_op.drop_index(batch_op.f("ix_rating_counter_id"))

    op.drop_table("rating")
    with op.batch_alter_table("note_mention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_mention_user_id"))

    op.drop_table("note_mention")
    with op.batch_alter_table("note_errand", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_note_errand_open", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )

    op.drop_table("note_errand")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_user_id"))
        batch_op.drop_index(batch_op.f("ix_login_session_counter_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("letter_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_version_saved_by_id"))
        batch_op.drop_index(batch_op.f("ix_letter_version_frozen_id"))

    op.drop_table("letter_version")
    with op.batch_alter_table("import_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_draft_user_id"))
        batch_op.drop_index("ix_import_draft_created_at")
        batch_op.drop_index(batch_op.f("ix_import_draft_batch_id"))

    op.drop_table("import_draft")
    with op.batch_alter_table("fee_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fee_rule_method_id"))

    op.drop_table("fee_rule")
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_dossier_slip_token",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_dossier_shelf",
            sqlite_where=sa.text("shelf_number IS NOT NULL"),
            postgresql_where=sa.text("shelf_number IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_dossier_public_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_dossier_legacy_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_dossier_import_fingerprint",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_dossier_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index("ix_dossier_work")
        batch_op.drop_index(batch_op.f("ix_dossier_submitter_id_number"))
        batch_op.drop_index(batch_op.f("ix_dossier_step_id"))
        batch_op.drop_index("ix_dossier_state")
        batch_op.drop_index(batch_op.f("ix_dossier_rule_terms_id"))
        batch_op.drop_index("ix_dossier_return_method")
        batch_op.drop_index("ix_dossier_responsible_received")
        batch_op.drop_index("ix_dossier_responsible_due")
        batch_op.drop_index("ix_dossier_responsible_code")
        batch_op.drop_index("ix_dossier_responsible")
        batch_op.drop_index("ix_dossier_received_by_due")
        batch_op.drop_index("ix_dossier_received_by_code")
        batch_op.drop_index("ix_dossier_received_by")
        batch_op.drop_index("ix_dossier_received_at_id")
        batch_op.drop_index(batch_op.f("ix_dossier_process_version_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_procedure_version_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_procedure_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_procedure_case_id"))
        batch_op.drop_index("ix_dossier_is_training")
        batch_op.drop_index("ix_dossier_is_late_entry")
        batch_op.drop_index("ix_dossier_is_imported")
        batch_op.drop_index(batch_op.f("ix_dossier_holder_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_execution_method_id"))
        batch_op.drop_index("ix_dossier_due_sort_at_id")
        batch_op.drop_index("ix_dossier_delivery_state")
        batch_op.drop_index("ix_dossier_delivery")
        batch_op.drop_index(batch_op.f("ix_dossier_counter_id"))
        batch_op.drop_index("ix_dossier_channel")
        batch_op.drop_index(batch_op.f("ix_dossier_applicant_id_number"))
        batch_op.drop_index("ix_dossier_applicant")
        batch_op.drop_index(batch_op.f("ix_dossier_annulment_asked_by_id"))

    op.drop_table("dossier")
    with op.batch_alter_table("batch_row", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_row_outcome")
        batch_op.drop_index("ix_batch_row_fingerprint")
        batch_op.drop_index("ix_batch_row_code")

    op.drop_table("batch_row")
    with op.batch_alter_table("ask_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_event_tablet_id"))
        batch_op.drop_index("ix_ask_event_ask_id")

    op.drop_table("ask_event")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_role_role_id"))

    op.drop_table("user_role")
    op.drop_table("tablet_health")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_role_id"))
        batch_op.drop_index("ix_saved_view_entity")

    op.drop_table("saved_view")
    with op.batch_alter_table("result_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_type_version_id"))
        batch_op.drop_index(batch_op.f("ix_result_type_code"))

    op.drop_table("result_type")
    with op.batch_alter_table("process_transition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_transition_version_id"))
        batch_op.drop_index(batch_op.f("ix_process_transition_role_id"))

    op.drop_table("process_transition")
    with op.batch_alter_table("process_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_step_version_id"))
        batch_op.drop_index(batch_op.f("ix_process_step_role_id"))
        batch_op.drop_index(batch_op.f("ix_process_step_department_id"))

    op.drop_table("process_step")
    op.drop_table("procedure_source")
    with op.batch_alter_table("procedure_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_procedure_case_version_id"))

    op.drop_table("procedure_case")
    with op.batch_alter_table("procedure_agency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_procedure_agency_version_id"))
        batch_op.drop_index(batch_op.f("ix_procedure_agency_department_id"))

    op.drop_table("procedure_agency")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_user_at")
        batch_op.drop_index(
            "ix_notification_unread",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )

    op.drop_table("notification")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index("ix_note_row")
        batch_op.drop_index(batch_op.f("ix_note_author_id"))

    op.drop_table("note")
    with op.batch_alter_table("national_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_national_case_version_id"))
        batch_op.drop_index(batch_op.f("ix_national_case_code"))

    op.drop_table("national_case")
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_basis_version_id"))
        batch_op.drop_index(batch_op.f("ix_legal_basis_code"))

    op.drop_table("legal_basis")
    with op.batch_alter_table("frozen_figures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_frozen_figures_period_id"))
        batch_op.drop_index(batch_op.f("ix_frozen_figures_frozen_by_id"))
        batch_op.drop_index("ix_frozen_figures_frozen_at_id")

    op.drop_table("frozen_figures")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_user_id"))

    op.drop_table("follow")
    with op.batch_alter_table("execution_method", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_execution_method_version_id"))

    op.drop_table("execution_method")
    op.drop_table("emergency_receipt")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index("ix_delegation_to_user_until")
        batch_op.drop_index("ix_delegation_from_user_until")
        batch_op.drop_index(batch_op.f("ix_delegation_from_at"))

    op.drop_table("delegation")
    op.drop_table("collection_signature")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_user_id"))
        batch_op.drop_index("ix_batch_file")

    op.drop_table("batch")
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.drop_index("ix_ask_state_expires_at")
        batch_op.drop_index("ix_ask_staff_id_local_date")
        batch_op.drop_index(batch_op.f("ix_ask_local_date"))
        batch_op.drop_index("ix_ask_department_id_local_date")
        batch_op.drop_index("ix_ask_counter_id_state")

    op.drop_table("ask")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_wanted_department_id"))
        batch_op.drop_index(batch_op.f("ix_visit_wanted_counter_id"))
        batch_op.drop_index(
            "ix_visit_waiting",
            sqlite_where=sa.text("called_at IS NULL AND left_at IS NULL"),
            postgresql_where=sa.text("called_at IS NULL AND left_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_visit_site_id"))
        batch_op.drop_index("ix_visit_at_counter")
        batch_op.drop_index("ix_visit_arrived_at_id")
        batch_op.drop_index(batch_op.f("ix_visit_applicant_id"))

    op.drop_table("visit")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_user_account_user_name",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_user_account_staff_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_user_account_department_id"))

    op.drop_table("user_account")
    with op.batch_alter_table("tablet", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tablet_public_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_tablet_pairing_hash",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_tablet_key_hash",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_tablet_counter_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_tablet_name"))

    op.drop_table("tablet")
    with op.batch_alter_table("result_collection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_collection_staff_id"))
        batch_op.drop_index(batch_op.f("ix_result_collection_site_id"))
        batch_op.drop_index("ix_result_collection_department_id_id")
        batch_op.drop_index(batch_op.f("ix_result_collection_counter_id"))

    op.drop_table("result_collection")
    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_process_version_published",
            sqlite_where=sa.text("state = 'PUBLISHED'"),
            postgresql_where=sa.text("state = 'PUBLISHED'"),
        )
        batch_op.drop_index(batch_op.f("ix_process_version_procedure_id"))

    op.drop_table("process_version")
    with op.batch_alter_table("procedure_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_procedure_version_published",
            sqlite_where=sa.text("state = 'PUBLISHED'"),
            postgresql_where=sa.text("state = 'PUBLISHED'"),
        )
        batch_op.drop_index(
            "uq_procedure_version_procedure_id_number",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_procedure_version_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_procedure_version_procedure_id"))
        batch_op.drop_index(batch_op.f("ix_procedure_version_decision_number"))

    op.drop_table("procedure_version")
    with op.batch_alter_table("postal_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_postal_list_site_id"))
        batch_op.drop_index(batch_op.f("ix_postal_list_sent_by_id"))
        batch_op.drop_index("ix_postal_list_department_id_id")

    op.drop_table("postal_list")
    with op.batch_alter_table("handover_list", schema=None) as batch_op:
        batch_op.drop_index("ix_handover_list_to")
        batch_op.drop_index(batch_op.f("ix_handover_list_sent_by_id"))
        batch_op.drop_index(batch_op.f("ix_handover_list_received_by_id"))
        batch_op.drop_index("ix_handover_list_from")

    op.drop_table("handover_list")
    with op.batch_alter_table("emergency_booklet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_emergency_booklet_site_id"))
        batch_op.drop_index(batch_op.f("ix_emergency_booklet_made_by_id"))
        batch_op.drop_index("ix_emergency_booklet_department_id_id")
        batch_op.drop_index(batch_op.f("ix_emergency_booklet_counter_id"))

    op.drop_table("emergency_booklet")
    with op.batch_alter_table("duty_shift", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_shift_time")
        batch_op.drop_index(batch_op.f("ix_duty_shift_staff_id"))
        batch_op.drop_index(batch_op.f("ix_duty_shift_site_id"))
        batch_op.drop_index(batch_op.f("ix_duty_shift_department_id"))

    op.drop_table("duty_shift")
    with op.batch_alter_table("counter_session", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_counter_session_open_staff",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_counter_session_open_counter",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_counter_session_staff_id"))
        batch_op.drop_index(batch_op.f("ix_counter_session_counter_id"))

    op.drop_table("counter_session")
    with op.batch_alter_table("cash_closing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cash_closing_site_id"))
        batch_op.drop_index(batch_op.f("ix_cash_closing_department_id"))
        batch_op.drop_index("ix_cash_closing_closed_at_id")

    op.drop_table("cash_closing")
    with op.batch_alter_table("working_hours", schema=None) as batch_op:
        batch_op.drop_index("uq_working_hours_site_weekday_from")
        batch_op.drop_index(batch_op.f("ix_working_hours_weekday"))
        batch_op.drop_index(batch_op.f("ix_working_hours_site_id"))

    op.drop_table("working_hours")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_staff_badge_number",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_staff_name_sort"))
        batch_op.drop_index(batch_op.f("ix_staff_department_id"))

    op.drop_table("staff")
    with op.batch_alter_table("report_letter", schema=None) as batch_op:
        batch_op.drop_index("ix_report_letter_begun_at_id")

    op.drop_table("report_letter")
    with op.batch_alter_table("rating_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_reason_scale_id"))

    op.drop_table("rating_reason")
    with op.batch_alter_table("rating_level", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_level_scale_id"))

    op.drop_table("rating_level")
    with op.batch_alter_table("procedure", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_procedure_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_procedure_name_sort"))
        batch_op.drop_index(batch_op.f("ix_procedure_field_id"))
        batch_op.drop_index(batch_op.f("ix_procedure_department_id"))
        batch_op.drop_index(batch_op.f("ix_procedure_current_version_id"))

    op.drop_table("procedure")
    with op.batch_alter_table("permission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_permission_role_id"))
        batch_op.drop_index(batch_op.f("ix_permission_entity"))

    op.drop_table("permission")
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_counter_site_id_number",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_counter_site_id"))
        batch_op.drop_index(batch_op.f("ix_counter_number"))
        batch_op.drop_index(batch_op.f("ix_counter_department_id"))

    op.drop_table("counter")
    with op.batch_alter_table("calendar_day", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_calendar_day_site_local_date",
            sqlite_where=sa.text("site_id IS NOT NULL"),
            postgresql_where=sa.text("site_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_calendar_day_local_date",
            sqlite_where=sa.text("site_id IS NULL"),
            postgresql_where=sa.text("site_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_calendar_day_site_id"))
        batch_op.drop_index(batch_op.f("ix_calendar_day_local_date"))

    op.drop_table("calendar_day")
    op.drop_table("worker")
    op.drop_table("stored_file")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_site_code", sqlite_where=sa.text("deleted_at IS NULL"), postgresql_where=sa.text("deleted_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_site_name_sort"))

    op.drop_table("site")
    op.drop_table("seeded_grant")
    op.drop_table("rule_terms")
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_code", sqlite_where=sa.text("deleted_at IS NULL"), postgresql_where=sa.text("deleted_at IS NULL")
        )

    op.drop_table("role")
    with op.batch_alter_table("report_period", schema=None) as batch_op:
        batch_op.drop_index("ix_report_period_from_date_id")

    op.drop_table("report_period")
    with op.batch_alter_table("rating_scale", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rating_scale_default", sqlite_where=sa.text("is_default"), postgresql_where=sa.text("is_default")
        )
        batch_op.drop_index(batch_op.f("ix_rating_scale_code"))

    op.drop_table("rating_scale")
    with op.batch_alter_table("procedure_field", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_procedure_field_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_procedure_field_name_sort"))

    op.drop_table("procedure_field")
    op.drop_table("period_rule")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_login_attempt_name_at")
        batch_op.drop_index("ix_login_attempt_address_at")

    op.drop_table("login_attempt")
    op.drop_table("import_mapping")
    op.drop_table("idempotency_key")
    op.drop_table("escalation_rung")
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_department_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_department_successor_id"))
        batch_op.drop_index(batch_op.f("ix_department_parent_id"))
        batch_op.drop_index(batch_op.f("ix_department_name_sort"))

    op.drop_table("department")
    op.drop_table("code_counter")
    op.drop_table("audit_payload")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_entity_key")
        batch_op.drop_index("ix_audit_event_batch_id")

    op.drop_table("audit_event")
    with op.batch_alter_table("applicant", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_applicant_tax_code",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_applicant_public_id",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_applicant_id_number",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index("ix_applicant_phone")
        batch_op.drop_index(batch_op.f("ix_applicant_old_id_number"))
        batch_op.drop_index(batch_op.f("ix_applicant_name_sort"))

    op.drop_table("applicant")
