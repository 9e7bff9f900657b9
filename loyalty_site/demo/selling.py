"""Points for money: on sale in the demo, some bought, some waiting to be paid at the counter."""

from datetime import datetime, timedelta

from ledger import services as ledger
from ledger.buying import Offer
from ledger.queries import unit_of
from ledger.services import Notice
from members import buying
from members.buying import Kind, Payment
from members.models import Member
from shops.models import Programme

OFFER = Offer(step=100, price=400, fee=100, minimum=100, maximum=2000, max_per_year=5000, withdrawal_days=14)


def sell_points(programme: Programme, *, by: str, at: datetime) -> None:
    """Put points on sale; a regular bought some last month, the demo's customer yesterday, and asked for more today."""
    terms = ledger.set_purchase_terms(
        unit=unit_of(programme.pk, "points"), offer=OFFER, is_offered=True, by=by, at=at - timedelta(days=60)
    )
    everybody = Member.objects.filter(programme=programme).order_by("pk")
    regular, ada = everybody.filter(user=None)[0], everybody.exclude(user=None)[0]
    for member, asked_at, amount, is_paid in (
        (regular, at - timedelta(days=31), 500, True),
        (ada, at - timedelta(days=1), 200, True),
        (ada, at - timedelta(hours=1), 1000, False),
    ):
        payment = Payment("stripe", f"pi_demo_{member.number[-4:]}_{amount}") if is_paid else buying.UNKNOWN_YET
        key = f"demo:{member.pk}:{amount}"
        asked = buying.request(
            member=member, terms=terms, amount=amount, source="demo", key=key, at=asked_at, payment=payment
        )
        if is_paid:
            notice = Notice(
                payment.provider,
                f"evt_demo_{asked.purchase.pk}",
                Kind.CAPTURED,
                "demo",
                payment=payment.name,
                amount=asked.purchase.total,
            )
            buying.tell(purchase=asked.purchase, notice=notice, at=asked_at + timedelta(minutes=1))
