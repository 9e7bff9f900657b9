"""Transfers between members."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_purchases"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("fee", models.BigIntegerField(verbose_name="fee")),
                ("message", models.CharField(blank=True, max_length=200, verbose_name="message")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("reference", models.CharField(max_length=200, verbose_name="reference")),
                ("made_by", models.CharField(max_length=60, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("ends_at", models.DateTimeField(null=True, verbose_name="open until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OFFERED", "waits for an answer"),
                            ("ACCEPTED", "accepted"),
                            ("DECLINED", "declined"),
                            ("WITHDRAWN", "withdrawn"),
                            ("LAPSED", "lapsed"),
                            ("DONE", "sent"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("ended_by", models.CharField(blank=True, max_length=60, verbose_name="ended by")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "from_wallet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
                        verbose_name="from",
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.hold",
                        verbose_name="hold",
                    ),
                ),
                (
                    "posting",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer",
                        to="ledger.posting",
                        verbose_name="posting",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "to_wallet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
                        verbose_name="to",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
                "indexes": [
                    models.Index(fields=["from_wallet", "unit", "made_at"], name="transfer_sent"),
                    models.Index(fields=["to_wallet", "unit", "ended_at"], name="transfer_received"),
                    models.Index(
                        condition=models.Q(("state", "OFFERED")),
                        fields=["programme", "ends_at"],
                        name="transfer_lapsing",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "source", "reference"), name="transfer_is_made_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("fee__gte", 0)), name="transfer_moves_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_wallet", models.F("to_wallet")), _negated=True),
                        name="transfer_is_between_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__isnull", True),
                                ("hold__isnull", True),
                                ("posting__isnull", False),
                                ("state", "DONE"),
                                ("ended_at", models.F("made_at")),
                            ),
                            models.Q(
                                ("ends_at__gt", models.F("made_at")),
                                ("hold__isnull", False),
                                ("posting__isnull", True),
                                ("state", "OFFERED"),
                                ("ended_at__isnull", True),
                            ),
                            models.Q(
                                ("ended_at__lt", models.F("ends_at")),
                                ("hold__isnull", False),
                                ("posting__isnull", False),
                                ("state", "ACCEPTED"),
                            ),
                            models.Q(
                                ("ended_at__lt", models.F("ends_at")),
                                ("hold__isnull", False),
                                ("state__in", ["DECLINED", "WITHDRAWN"]),
                                ("posting__isnull", True),
                            ),
                            models.Q(
                                ("ended_at", models.F("ends_at")),
                                ("hold__isnull", False),
                                ("posting__isnull", True),
                                ("state", "LAPSED"),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_state_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_offered", models.BooleanField(default=True, verbose_name="members may send it")),
                ("minimum", models.BigIntegerField(default=1, verbose_name="at least")),
                ("maximum", models.BigIntegerField(blank=True, null=True, verbose_name="at most")),
                ("step", models.BigIntegerField(default=1, verbose_name="in steps of")),
                (
                    "sent_monthly",
                    models.BigIntegerField(blank=True, null=True, verbose_name="sent in a month, at most"),
                ),
                (
                    "made_daily",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="transfers a day, at most"),
                ),
                (
                    "received_monthly",
                    models.BigIntegerField(blank=True, null=True, verbose_name="received in a month, at most"),
                ),
                ("fee_fixed", models.BigIntegerField(default=0, verbose_name="fee")),
                ("fee_permille", models.PositiveSmallIntegerField(default=0, verbose_name="fee per mille")),
                ("needs_acceptance", models.BooleanField(default=True, verbose_name="the receiver has to accept")),
                ("days_to_accept", models.PositiveSmallIntegerField(default=7, verbose_name="days to accept")),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_terms",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of transfers",
                "verbose_name_plural": "terms of transfers",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum__gt", 0),
                            ("step__gt", 0),
                            models.Q(("maximum__isnull", True), ("maximum__gte", models.F("minimum")), _connector="OR"),
                        ),
                        name="transfer_bounds_make_sense",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_monthly__isnull", True), ("sent_monthly__gt", 0), _connector="OR"),
                            models.Q(("made_daily__isnull", True), ("made_daily__gt", 0), _connector="OR"),
                            models.Q(("received_monthly__isnull", True), ("received_monthly__gt", 0), _connector="OR"),
                        ),
                        name="transfer_limits_allow_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fee_fixed__gte", 0), ("fee_permille__lte", 1000)),
                        name="transfer_fee_is_a_part_of_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days_to_accept__gte", 1), ("days_to_accept__lte", 90)),
                        name="transfer_offer_has_days",
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "transfers.sql").read_text()),
    ]
