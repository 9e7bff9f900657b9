"""What members bought, as metrics of tiers: money spent on goods, and orders. What came back does not count."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.wording import money_text
from members.tiers.metrics import Asked, Family, Metric, declare
from orders.allocation import GOODS
from shops.models import Programme

# A sale counts when it was made, and what came back since is taken out of it: a return leaves the window of its sale.
_BOUGHT = """
SELECT coalesce(sum(sale.spent), 0), count(*) FILTER (WHERE sale.is_kept)
  FROM unnest(%(members)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
       WITH ORDINALITY AS asked (member_id, begins, ends, place)
  LEFT JOIN LATERAL (
       SELECT sum(CASE WHEN line.quantity = 0 THEN 0
                       ELSE div((line.amount - coalesce(line.discount, 0))::numeric
                                * (line.quantity - coalesce(back.returned, 0)), line.quantity) END) AS spent,
              bool_or(line.quantity > coalesce(back.returned, 0)) AS is_kept
         FROM orders_order bought
        CROSS JOIN LATERAL jsonb_to_recordset(bought.lines)
           AS line (no integer, kind text, amount bigint, discount bigint, quantity bigint)
         LEFT JOIN orders_returnedline back ON back.order_id = bought.id AND back.line_no = line.no
        WHERE bought.member_id = asked.member_id
          AND coalesce(line.kind, 'product') = ANY (%(goods)s)
          AND (asked.begins IS NULL OR bought.placed_at >= asked.begins)
          AND (asked.ends IS NULL OR bought.placed_at < asked.ends)
        GROUP BY bought.id) sale ON true
 GROUP BY asked.place ORDER BY asked.place
"""


def register() -> None:
    """Declare the families; called when the app starts."""
    declare(Family("spent", _spent_offered, lambda _programme, _name, asked: _bought(asked, 0)))
    declare(Family("orders", _orders_offered, lambda _programme, _name, asked: _bought(asked, 1)))


def _spent_offered(programme: Programme) -> list[Metric]:
    return [Metric("spent", _("money spent on goods"), programme.currency_decimals, partial(_money, programme))]


def _orders_offered(_programme: Programme) -> list[Metric]:
    return [Metric("orders", _("orders"), 0, _orders)]


def _money(programme: Programme, amount: int) -> str:
    return money_text(
        amount,
        currency=programme.currency,
        decimals=programme.currency_decimals,
        language=get_language() or "en",
    )


def _orders(count: int) -> str:
    return ngettext("%(count)d order", "%(count)d orders", count) % {"count": count}


def _bought(asked: Sequence[Asked], column: int) -> list[int]:
    values: dict[str, Any] = {
        "members": [one.member_id for one in asked],
        "starts": [one.start for one in asked],
        "ends": [one.end for one in asked],
        "goods": sorted(GOODS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, values)
        return [int(row[column]) for row in cursor.fetchall()]
