"""The sweep of lapsed reservations, as the scheduler calls it."""

from loyalty_site.schedule import BEAT_SCHEDULE
from rewards.models import Redemption
from rewards.tasks import give_back_lapsed
from tests.counter.people import ask_for


def test_the_sweep_puts_back_what_nobody_wants_any_more(ada, till, coffee):
    ask_for(ada, till)

    give_back_lapsed()

    coffee.refresh_from_db()
    assert Redemption.objects.get().state == Redemption.State.EXPIRED
    assert coffee.stock == 5


def test_the_sweep_runs_by_itself_within_a_minute():
    (entry,) = (entry for entry in BEAT_SCHEDULE.values() if entry["task"] == give_back_lapsed.name)

    assert entry["schedule"] <= 60
