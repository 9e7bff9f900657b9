"""Segments, tags and what programmes keep about members."""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_households"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Touched",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="members.member",
                    ),
                ),
            ],
            options={
                "verbose_name": "member to look at",
                "verbose_name_plural": "members to look at",
                "db_table": "members_touched",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="attributes",
            field=models.JSONField(default=dict, editable=False, verbose_name="attributes"),
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_-]*$", "Small letters, digits, - and _."
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("condition", models.JSONField(verbose_name="condition")),
                ("moves", models.BooleanField(editable=False, verbose_name="moves with time")),
                ("refreshed_at", models.DateTimeField(editable=False, null=True, verbose_name="refreshed")),
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
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
            },
        ),
        migrations.CreateModel(
            name="SegmentMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.segment",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a segment",
                "verbose_name_plural": "members of segments",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="tag")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
            },
        ),
        migrations.CreateModel(
            name="MemberAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$", "Small letters, digits and _.")
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("text", "text"), ("number", "whole number"), ("flag", "yes or no"), ("date", "date")],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                ("label", models.CharField(max_length=60, verbose_name="label")),
                ("default", models.JSONField(blank=True, null=True, verbose_name="where none was told")),
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
                "verbose_name": "member attribute",
                "verbose_name_plural": "member attributes",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "key"), name="memberattribute_key_is_unique_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["text", "number", "flag", "date"])),
                        name="memberattribute_type_is_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(fields=("programme", "key"), name="segment_key_is_unique_in_programme"),
        ),
        migrations.AddConstraint(
            model_name="segmentmember",
            constraint=models.UniqueConstraint(fields=("segment", "member"), name="member_is_in_a_segment_once"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("member", "name"), name="tag_is_put_once"),
        ),
        migrations.RunSQL((SQL / "days.sql").read_text()),
    ]
