"""What the books themselves know the reason of."""

from datetime import timedelta

from ledger import reasons
from ledger import services as ledger
from ledger.models import Posting
from ledger.policies import Decay
from tests.ledger import books, buying
from tests.ledger.books import DAY, NOON


def test_an_exchange_says_what_became_what(unit, wallet_with):
    credit = books.a_unit(unit.programme, "credit", decimals=2)
    terms = ledger.add_conversion(
        source=unit, target=credit, terms=ledger.NewTerms(chunk=100, gives=1050, is_offered=True, is_automatic=False)
    )
    done = ledger.convert(
        wallet_id=wallet_with(250).wallet_id, terms=terms, chunks=2, source="t", reference="1", at=NOON, actor="t"
    )

    assert reasons.of({done.posting_id: "CONVERT"}) == {done.posting_id: "Exchanged: 200 Points for 21 Credit."}


def test_a_purchase_says_what_it_cost_and_its_refund_what_was_bought(unit):
    wallet = books.a_wallet(unit)
    purchase = buying.buy(wallet, buying.sell(unit), 1000)
    buying.tell(purchase, "REFUNDED")
    bought, back = books.postings_of(wallet)

    assert reasons.of({bought: "PURCHASE", back: "CLAW_BACK"}) == {
        bought: "Bought: 1,000 Points for €30.00.",
        back: "Taken back because money for 1,000 Points that were bought was given back.",
    }


def test_what_decayed_is_told_apart_from_what_expired(wallet_with):
    expiring, silent = wallet_with(10, until=NOON + DAY), wallet_with(200)
    books.expire_all(NOON + DAY)
    ledger.decay_wallet(
        wallet_id=silent.wallet_id, unit_id=silent.unit.pk, decay=Decay(12, 50, 5), at=NOON + timedelta(weeks=13)
    )
    expired, decayed = Posting.objects.filter(kind="EXPIRE").order_by("pk").values_list("pk", flat=True)

    assert reasons.of({expired: "EXPIRE", decayed: "EXPIRE"}) == {
        decayed: "Lost because nothing was earned for a long time."
    }
    assert expiring.left() == [0]
