"""Tiers: ladders, where members stand on them, and what lifts them."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0006_segments"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="TierLadder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=40, verbose_name="key")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ladders",
                        to="shops.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "ladder of tiers",
                "verbose_name_plural": "ladders of tiers",
            },
        ),
        migrations.CreateModel(
            name="TierGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tier", models.CharField(max_length=40, verbose_name="tier")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("ENTERED", "everybody begins here"),
                            ("EARNED", "reached"),
                            ("KEPT", "kept"),
                            ("GRACE", "grace period"),
                            ("DROPPED", "not kept"),
                            ("MANUAL", "given by hand"),
                            ("CHALLENGE", "challenge"),
                            ("PAID", "paid for"),
                            ("LIFETIME", "for life"),
                        ],
                        max_length=9,
                        verbose_name="cause",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("given_by", models.CharField(blank=True, max_length=120, verbose_name="given by")),
                ("reference", models.CharField(blank=True, max_length=170, verbose_name="reference")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("ended_by", models.CharField(blank=True, max_length=120, verbose_name="ended by")),
                (
                    "given_with",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.tiergrant",
                        verbose_name="given with",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_grants",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.tierladder",
                        verbose_name="ladder of tiers",
                    ),
                ),
            ],
            options={
                "verbose_name": "granted tier",
                "verbose_name_plural": "granted tiers",
            },
        ),
        migrations.CreateModel(
            name="TierCarry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("window_from", models.DateTimeField(verbose_name="window from")),
                ("metric", models.CharField(max_length=80, verbose_name="metric")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.tierladder",
                    ),
                ),
            ],
            options={
                "verbose_name": "carried surplus",
                "verbose_name_plural": "carried surpluses",
            },
        ),
        migrations.CreateModel(
            name="LadderVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "draft"), ("PUBLISHED", "published")],
                        default="DRAFT",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("definition", models.JSONField(verbose_name="definition")),
                ("effective_from", models.DateTimeField(null=True, verbose_name="in force from")),
                ("edited_by", models.CharField(max_length=120, verbose_name="edited by")),
                ("edited_at", models.DateTimeField(verbose_name="edited")),
                ("published_by", models.CharField(blank=True, max_length=120, verbose_name="published by")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published")),
                ("reviewed_upto", models.BigIntegerField(default=0, verbose_name="reviewed up to member")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="reviewed")),
                (
                    "ladder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="members.tierladder",
                        verbose_name="ladder of tiers",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a ladder",
                "verbose_name_plural": "versions of ladders",
            },
        ),
        migrations.CreateModel(
            name="TierMilestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("milestone", models.CharField(max_length=40, verbose_name="milestone")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("window_from", models.DateTimeField(null=True, verbose_name="window from")),
                ("number", models.PositiveSmallIntegerField(default=1, verbose_name="number")),
                ("reached_at", models.DateTimeField(verbose_name="reached")),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.tierladder",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "verbose_name": "reached milestone",
                "verbose_name_plural": "reached milestones",
            },
        ),
        migrations.CreateModel(
            name="TierStay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tier", models.CharField(max_length=40, verbose_name="tier")),
                ("entered_at", models.DateTimeField(verbose_name="in this tier since")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("ENTERED", "everybody begins here"),
                            ("EARNED", "reached"),
                            ("KEPT", "kept"),
                            ("GRACE", "grace period"),
                            ("DROPPED", "not kept"),
                            ("MANUAL", "given by hand"),
                            ("CHALLENGE", "challenge"),
                            ("PAID", "paid for"),
                            ("LIFETIME", "for life"),
                        ],
                        max_length=9,
                        verbose_name="cause",
                    ),
                ),
                ("own_tier", models.CharField(blank=True, max_length=40)),
                ("own_since", models.DateTimeField(null=True)),
                ("own_until", models.DateTimeField(null=True)),
                (
                    "own_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ENTERED", "everybody begins here"),
                            ("EARNED", "reached"),
                            ("KEPT", "kept"),
                            ("GRACE", "grace period"),
                            ("DROPPED", "not kept"),
                            ("MANUAL", "given by hand"),
                            ("CHALLENGE", "challenge"),
                            ("PAID", "paid for"),
                            ("LIFETIME", "for life"),
                        ],
                        max_length=9,
                    ),
                ),
                ("own_former", models.CharField(blank=True, max_length=40)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.tierladder",
                        verbose_name="ladder of tiers",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_stays",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.ladderversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "stay in a tier",
                "verbose_name_plural": "stays in tiers",
            },
        ),
        migrations.AddConstraint(
            model_name="tierladder",
            constraint=models.UniqueConstraint(
                models.F("programme"), models.F("key"), name="ladder_key_is_unique_in_programme"
            ),
        ),
        migrations.AddIndex(
            model_name="tiergrant",
            index=models.Index(fields=["member", "ladder"], name="tier_grant_of_member"),
        ),
        migrations.AddConstraint(
            model_name="tiergrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("reference", ""), _negated=True), ("given_with__isnull", True)),
                fields=("ladder", "reference"),
                name="tier_grant_is_given_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiergrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cause", "MANUAL"), ("ended_at__isnull", True)),
                fields=("ladder", "member"),
                name="tier_is_given_by_hand_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiergrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["MANUAL", "CHALLENGE", "PAID", "LIFETIME"])),
                name="tier_grant_cause_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiergrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                name="tier_grant_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiergrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "MANUAL"), _negated=True),
                    models.Q(models.Q(("reason", ""), _negated=True), models.Q(("given_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="tier_by_hand_says_why_and_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiercarry",
            constraint=models.UniqueConstraint(
                fields=("member", "ladder", "window_from", "metric"), name="carry_is_one_per_window"
            ),
        ),
        migrations.AddConstraint(
            model_name="tiercarry",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="carry_is_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.UniqueConstraint(
                models.F("ladder"), models.F("number"), name="ladder_version_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "DRAFT")), fields=("ladder",), name="ladder_has_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "PUBLISHED")),
                fields=("ladder", "effective_from"),
                name="ladder_version_begins_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_from__isnull", True), ("published_at__isnull", True), ("state", "DRAFT")),
                    models.Q(
                        ("effective_from__isnull", False), ("published_at__isnull", False), ("state", "PUBLISHED")
                    ),
                    _connector="OR",
                ),
                name="ladder_version_published_has_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="tiermilestone",
            constraint=models.UniqueConstraint(
                fields=("member", "ladder", "milestone", "window_from", "number"),
                name="milestone_is_reached_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="tierstay",
            index=models.Index(fields=["member", "ladder", "-since"], name="stay_of_member"),
        ),
        migrations.AddIndex(
            model_name="tierstay",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("ended_at__isnull", True)),
                fields=["due_at"],
                name="stay_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierstay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("member", "ladder"),
                name="member_is_in_one_tier_of_a_ladder",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierstay",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", True), ("ended_at__gte", models.F("since")), _connector="OR"),
                name="stay_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierstay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("own_cause", ""), ("own_since__isnull", True), ("own_tier", ""), ("own_until__isnull", True)
                    ),
                    models.Q(
                        models.Q(("own_tier", ""), _negated=True),
                        ("own_since__isnull", False),
                        models.Q(("own_cause", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="stay_own_tier_is_whole",
            ),
        ),
        migrations.RunSQL((SQL / "tiers.sql").read_text()),
    ]
