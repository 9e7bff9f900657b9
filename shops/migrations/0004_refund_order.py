"""What goes back first when goods come back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shops", "0003_who_gave_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="refund_order",
            field=models.CharField(
                choices=[
                    ("POINTS_FIRST", "points first"),
                    ("MONEY_FIRST", "money first"),
                    ("PROPORTIONAL", "both, in proportion"),
                ],
                default="PROPORTIONAL",
                max_length=12,
                verbose_name="refunds give back",
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("refund_order__in", ["POINTS_FIRST", "MONEY_FIRST", "PROPORTIONAL"])),
                name="programme_refund_order_is_known",
            ),
        ),
    ]
