"""Books opened: units with the programme's own accounts, wallets with the members'."""

from ledger import policies
from ledger import services as ledger
from ledger.models import Account, Unit, Wallet
from tests.ledger import books
from tests.ledger.books import NOON, Figures


def test_a_new_programme_counts_whole_points_that_live_a_year(programme):
    unit = ledger.open_programme_books(programme_id=programme.pk)

    assert (unit.code, unit.klass, unit.decimals) == ("points", "POINTS", 0)
    (policy,) = unit.policies.all()
    assert policies.read(policy.definition) == policies.after(365)
    own = Account.objects.filter(unit=unit, wallet=None)
    assert sorted(own.values_list("kind", flat=True)) == ["BREAKAGE", "ISSUANCE", "REDEMPTION"]


def test_opening_a_unit_twice_is_opening_it_once(programme):
    first = books.a_unit(programme, "credit", decimals=2)

    assert books.a_unit(programme, "credit", decimals=0) == first
    assert (Unit.objects.get().decimals, Account.objects.count()) == (2, 3)


def test_two_programmes_have_a_unit_of_the_same_code_each(programme, unit):
    elsewhere = books.a_unit(books.a_programme("butcher"))

    assert (elsewhere.code, elsewhere.pk != unit.pk) == (unit.code, True)


def test_wallets_are_opened_empty_with_an_account_for_every_unit(programme, unit):
    books.a_unit(programme, "credit")
    books.a_unit(books.a_programme("butcher"))

    wallets = ledger.open_wallets(programme_id=programme.pk, count=3, at=NOON)

    assert list(Wallet.objects.order_by("pk").values_list("pk", "opened_at")) == [(wallet, NOON) for wallet in wallets]
    for wallet in wallets:
        accounts = Account.objects.filter(wallet_id=wallet)
        assert [(account.unit.code, account.kind, account.balance) for account in accounts.order_by("unit")] == [
            ("points", "MEMBER", 0),
            ("credit", "MEMBER", 0),
        ]
        assert books.TestWallet(wallet, unit).figures() == Figures()


def test_no_wallets_are_no_wallets(programme):
    assert ledger.open_wallets(programme_id=programme.pk, count=0, at=NOON) == []


def test_spending_from_a_unit_without_accounts_makes_them(programme):
    unit = Unit.objects.create(programme=programme, code="points", name="Points")
    wallet = books.a_wallet(unit, 300)

    wallet.spend(100)

    assert books.totals(unit) == {"MEMBER": 200, "ISSUANCE": -300, "REDEMPTION": 100}
