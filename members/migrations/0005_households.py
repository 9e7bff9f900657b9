"""Members who fill one pool and spend it together."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0013_pools"),
        ("members", "0004_birthdays"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Household",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(verbose_name="since")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "pool",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
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
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
            },
        ),
        migrations.CreateModel(
            name="HouseholdMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("HEAD", "head"), ("ADULT", "adult"), ("CONTRIBUTOR", "contributor")],
                        max_length=11,
                        verbose_name="role",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("INVITED", "invited"),
                            ("ACTIVE", "member"),
                            ("DECLINED", "declined"),
                            ("WITHDRAWN", "invitation withdrawn"),
                            ("LEFT", "left"),
                            ("REMOVED", "removed"),
                        ],
                        default="INVITED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("share_percent", models.PositiveSmallIntegerField(default=0, verbose_name="automatic share")),
                ("invited_at", models.DateTimeField(verbose_name="invited")),
                ("lapses_at", models.DateTimeField(null=True, verbose_name="invitation until")),
                ("joined_at", models.DateTimeField(null=True, verbose_name="joined")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="members.household",
                        verbose_name="household",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a household",
                "verbose_name_plural": "members of households",
            },
        ),
        migrations.CreateModel(
            name="EarningShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("posting_id", models.BigIntegerField(unique=True, verbose_name="earning")),
                ("amount", models.BigIntegerField(verbose_name="at most")),
                ("earned_at", models.DateTimeField(verbose_name="earned")),
                ("is_noted", models.BooleanField(default=False, verbose_name="the pool knows of it")),
                ("given", models.BigIntegerField(default=0, verbose_name="given")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="members.householdmember",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "automatic contribution",
                "verbose_name_plural": "automatic contributions",
            },
        ),
        migrations.CreateModel(
            name="HouseholdTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_offered", models.BooleanField(default=False, verbose_name="members may form households")),
                ("max_members", models.PositiveSmallIntegerField(default=6, verbose_name="members at most")),
                ("rest_days", models.PositiveSmallIntegerField(default=30, verbose_name="days between two households")),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="household_terms",
                        to="shops.programme",
                        verbose_name="programme",
                    ),
                ),
                ("units", models.ManyToManyField(related_name="+", to="ledger.unit", verbose_name="what is pooled")),
            ],
            options={
                "verbose_name": "terms of households",
                "verbose_name_plural": "terms of households",
            },
        ),
        migrations.CreateModel(
            name="PoolHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.hold",
                        verbose_name="hold",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold on a pool",
                "verbose_name_plural": "holds on pools",
            },
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(fields=["programme", "-created_at"], name="household_newest"),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ACTIVE")), fields=("member",), name="member_is_in_one_household"
            ),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "HEAD"), ("state", "ACTIVE")),
                fields=("household",),
                name="household_has_one_head",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "INVITED")),
                fields=("household", "member"),
                name="household_invites_a_member_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_percent__lte", 100)), name="household_share_is_a_percentage"
            ),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("joined_at__isnull", True), ("state", "INVITED")),
                    models.Q(("ended_at__isnull", True), ("joined_at__isnull", False), ("state", "ACTIVE")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("joined_at__isnull", True),
                        ("state__in", ["DECLINED", "WITHDRAWN"]),
                    ),
                    models.Q(
                        ("ended_at__isnull", False), ("joined_at__isnull", False), ("state__in", ["LEFT", "REMOVED"])
                    ),
                    _connector="OR",
                ),
                name="household_member_state_fits_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("invited_at")), _connector="OR"
                ),
                name="household_member_ends_after_the_beginning",
            ),
        ),
        migrations.AddIndex(
            model_name="earningshare",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["id"], name="earning_share_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="earningshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("given__gte", 0), ("given__lte", models.F("amount"))),
                name="earning_share_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_members__gte", 2), ("max_members__lte", 20)), name="household_size_makes_sense"
            ),
        ),
        migrations.AddConstraint(
            model_name="householdterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("rest_days__lte", 365)), name="household_rest_makes_sense"
            ),
        ),
        migrations.RunSQL((SQL / "households.sql").read_text()),
    ]
