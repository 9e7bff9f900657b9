"""Every entry of the books says in one sentence why it exists."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns.definitions import Definition, Fixed, Rule
from campaigns.queries import explanations, explanations_of
from campaigns.statements import statement_csv
from ledger import services as ledger
from ledger.models import Posting
from ledger.policies import Policy
from ledger.queries import entries_of, unit_of
from ledger.services import open_unit
from ledger.statements import statement_of
from rewards.services import confirm, undo
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    bring_back,
    buy,
    change,
    goods,
    per_money,
    rules,
    spend,
)
from tests.counter import people
from tests.ledger import asking, books
from tests.ledger.books import TestWallet

BLANK = "\N{NO-BREAK SPACE}"


def why(programme, kind):
    """The explanation of the only posting of a kind."""
    posting = Posting.objects.get(kind=kind)
    return explanations([posting.pk], programme=programme)[posting.pk]


def test_an_earning_says_its_formula_its_version_and_how_long_it_lasts(grocer, ada, standing):
    change(standing, per_money(units=2), at=NOON - timedelta(days=1))
    answer = buy(grocer, goods(1250, tax=200))

    found = why(grocer, "ACCRUE")

    assert found.sentence == (
        "20 points for goods of €10.50: 2 points per whole €1.00 (version 2). Can be spent until March 2, 2027."
    )
    assert (found.order_id, found.order_reference) == (answer.order_id, "1")
    assert found.expires_at == answer.earned[0].expires_at


def test_an_earning_that_never_expires_says_no_day(grocer, ada, standing):
    books.says(grocer.units.get(), Policy())
    buy(grocer, 1000)

    found = why(grocer, "ACCRUE")

    assert found.sentence == "10 points for goods of €10.00: 1 point per whole €1.00 (version 1)"
    assert found.expires_at is None


def test_every_rule_explains_its_own_posting(grocer, ada):
    a_campaign(grocer, rules(per_money(), Fixed(units=50)))

    answer = buy(grocer, 1000)

    found = explanations([earned.posting_id for earned in answer.earned], programme=grocer)
    assert [found[earned.posting_id].sentence.partition(". Can")[0] for earned in answer.earned] == [
        "10 points for goods of €10.00: 1 point per whole €1.00 (version 1)",
        "50 points: 50 points each time (version 1)",
    ]


def test_a_unit_with_decimals_is_shown_with_them(grocer, ada):
    open_unit(programme_id=grocer.pk, code="credit", name="Credit", decimals=2)
    a_campaign(grocer, Definition(rules=(Rule(key="credit", effect=per_money(units=5), unit="credit"),)))
    buy(grocer, 1000)

    assert why(grocer, "ACCRUE").sentence == (
        "0.50 points for goods of €10.00: 0.05 points per whole €1.00 (version 1)"
    )


def test_what_a_return_took_names_the_order_and_the_return(grocer, ada, standing):
    sale = buy(grocer, 1000, reference="2026-117")
    bring_back(grocer, (1, 1), of="2026-117", reference="R-9")

    found = why(grocer, "CLAW_BACK")

    assert found.sentence == "Taken back because goods of order 2026-117 came back (return R-9)."
    assert (found.order_id, found.order_reference, found.expires_at) == (sale.order_id, "2026-117", None)


def test_a_debt_and_its_offset_say_why(grocer, ada, standing):
    buy(grocer, 1000)
    spend(ada, 10)
    bring_back(grocer, (1, 1), of="1")
    buy(grocer, 500, reference="2", at=LATER)

    assert why(grocer, "CLAW_BACK").sentence == "Taken back because goods of order 1 came back (return R1)."
    assert why(grocer, "SETTLE").sentence == (
        "Offset against points that had been spent before their order was returned."
    )


def test_an_expiry_says_so(grocer, ada, standing):
    buy(grocer, 1000)
    ledger.expire_lapsed(at=NOON + timedelta(days=400))

    assert why(grocer, "EXPIRE").sentence == "Expired because they were not spent in time."


def test_a_spending_without_a_reward_says_as_much_as_is_known(grocer, ada, standing):
    buy(grocer, 1000)
    burn = spend(ada, 10)
    ledger.reverse(burn_posting_id=burn, at=LATER, grace_until=LATER + timedelta(days=30), actor="test")

    assert why(grocer, "BURN").sentence == "Spent on a reward."
    assert why(grocer, "REVERSE").sentence == "Given back because a reward was undone."


def test_a_spending_and_its_undoing_name_the_reward(grocer, ada, standing):
    buy(grocer, 1000, at=NOON - timedelta(days=1))
    people.a_reward(grocer, price=10)
    shop = people.a_shop(grocer)
    till = people.a_till(shop, people.somebody("Eva", shop))
    redemption = confirm(redemption_id=people.ask_for(ada, till).pk, member=ada, at=NOON + timedelta(minutes=1))
    undo(redemption_id=redemption.pk, by=till.staff, at=NOON + timedelta(minutes=2))

    assert why(grocer, "BURN").sentence == "Spent on Coffee."
    assert why(grocer, "REVERSE").sentence == "Given back because Coffee was undone."


def test_all_of_a_history_is_explained_at_once_by_entry(grocer, ada, standing, django_assert_num_queries):
    buy(grocer, 1000)
    bring_back(grocer, (1, 1), of="1")
    entries = list(entries_of(ada.wallet_id))

    with django_assert_num_queries(1):
        found = explanations_of(entries, programme=grocer)

    assert [found[entry.pk].sentence.split()[0] for entry in entries] == ["Taken", "10"]


def test_nothing_to_explain_asks_nobody(grocer, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert explanations([], programme=grocer) == {}


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", (f"1.234,50{BLANK}€", f"1,00{BLANK}€", "2. März 2027")),
        ("id", ("€1.234,50", "€1,00", "2 Maret 2027")),
    ],
)
def test_numbers_money_and_days_are_the_readers(grocer, ada, standing, language, written):
    whole, part, day = written
    buy(grocer, 123450)

    with translation.override(language):
        assert why(grocer, "ACCRUE").sentence == (
            f"1.234 points for goods of {whole}: 1 point per whole {part} (version 1). Can be spent until {day}."
        )


def test_an_adjustment_says_what_the_shop_wrote(grocer, ada):
    office = asking.an_office(grocer)
    adjustment_id = office.ask_for(TestWallet(ada.wallet_id, unit_of(grocer.pk, "points")), 25, until=LATER)
    office.approve(adjustment_id)

    found = why(grocer, "ADJUST")

    assert found.sentence == "Adjusted by the shop: For your patience"
    assert (found.order_id, found.order_reference, found.expires_at) == (None, "", LATER)


def test_reasons_of_the_books_cost_a_query_only_where_there_are_any(grocer, ada, standing, django_assert_num_queries):
    buy(grocer, 1000)
    office = asking.an_office(grocer)
    office.approve(office.ask_for(TestWallet(ada.wallet_id, unit_of(grocer.pk, "points")), 25))
    earned, adjusted = Posting.objects.order_by("pk").values_list("pk", flat=True)

    with django_assert_num_queries(1):
        explanations([earned], programme=grocer)
    with django_assert_num_queries(2):
        explanations([earned, adjusted], programme=grocer)


def test_a_statement_in_a_file_says_what_the_shop_wrote_and_computes_nothing(grocer, ada):
    unit = unit_of(grocer.pk, "points")
    office = asking.an_office(grocer)
    office.approve(office.ask_for(TestWallet(ada.wallet_id, unit), 25, wording="=cmd|calc"))
    month = {"since": NOON - timedelta(days=1), "until": NOON + timedelta(days=1)}

    text = statement_csv(statement_of(ada.wallet_id, unit=unit, **month), programme=grocer)

    assert ",ADJUST," in text
    assert text.count(",25,25,Adjusted by the shop: =cmd|calc") == 1
