"""What sums of a member's history need stands in the index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_codes")]
    operations = [
        migrations.RemoveIndex(model_name="order", name="order_of_member"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("member__isnull", False)),
                fields=["member", "-placed_at"],
                include=("id", "total"),
                name="order_of_member",
            ),
        ),
    ]
