"""Workers are killed in the middle of the night, and still everything happens once (P06)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.models import ConversionTerms, Lot, NightlyRun, NightlyStep, Posting
from ledger.queries import unit_of
from tests.integrations.shopkeepers import a_programme
from tests.journeys.processes import a_worker, ask_for, wait_for
from tests.ledger import books

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

EARNED = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAPSED = datetime(2026, 1, 31, 23, tzinfo=UTC)


def done() -> int:
    return sum(NightlyStep.objects.values_list("done", flat=True))


@pytest.mark.parametrize(("wallets", "kills"), [(3000, 2), pytest.param(60_000, 50, marks=pytest.mark.slow)])
def test_a_night_whose_workers_are_killed_does_everything_once(wallets, kills, tmp_path):
    bakery = a_programme()
    points, credit = unit_of(bakery.pk, "points"), books.a_unit(bakery, "credit", klass="CREDIT", decimals=2)
    ConversionTerms.objects.create(source_unit=points, target_unit=credit, chunk=100, gives=1000, is_automatic=True)
    ids = ledger.open_wallets(programme_id=bakery.pk, count=wallets, at=EARNED)
    later = timezone.now() + timedelta(days=30)
    for number, (amount, ends) in enumerate([(70, LAPSED), (150, later)]):
        earned = [
            ledger.Accrual(wallet_id, points.pk, amount, "test", f"{number}:{wallet_id}", EARNED, EARNED, ends)
            for wallet_id in ids
        ]
        ledger.accrue(programme_id=bakery.pk, accruals=earned, actor="test")

    killed_at: list[int] = []
    while not is_over():
        with a_worker(tmp_path / f"worker-{len(killed_at)}.log"):
            ask_for("ledger.tasks.work_through_the_night")
            aim = done() + wallets * 2 // (kills + 1) if len(killed_at) < kills else 10 * wallets
            wait_for(lambda aim=aim: done() >= aim or is_over(), "the night", seconds=300)
        killed_at.append(done())

    # A batch may be over before it is killed, but never were most.
    assert len(killed_at) > kills // 2
    assert sorted(set(killed_at)) == killed_at
    assert Posting.objects.filter(kind="CONVERT").count() == wallets
    assert Posting.objects.filter(kind="EXPIRE").count() == wallets
    assert books.totals(points) == {
        "ISSUANCE": -220 * wallets,
        "BREAKAGE": 70 * wallets,
        "CONVERSION": 100 * wallets,
        "MEMBER": 50 * wallets,
    }
    assert books.totals(credit) == {"CONVERSION": -1000 * wallets, "MEMBER": 1000 * wallets}
    assert set(Lot.objects.filter(account__unit=points).values_list("earned", "remaining")) == {(70, 0), (150, 50)}
    assert books.findings() == []


def is_over() -> bool:
    return NightlyRun.objects.filter(finished_at__isnull=False).exists()
