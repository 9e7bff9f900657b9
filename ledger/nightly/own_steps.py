"""The steps of the books themselves."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from kernel.periods import start_of_day
from ledger import nightly, services
from ledger.models import ConversionTerms, NightlyRun, Unit, UnitPolicy
from ledger.nightly import Batch, Step
from ledger.policies import Decay
from ledger.queries import policies_in_force

# More than there will ever be wallets, and a cursor still has room for half a million units of so many.
_WALLETS = 2**44


def register() -> None:
    """Add the steps; called when the app starts."""
    nightly.add(nightly.ACTIVATE, Step("activate", _("Offset arrears against what became active"), _owing, _settle))
    nightly.add(nightly.EXTEND, Step("extend", _("Extend points as new policies say"), _to_extend, _extend))
    nightly.add(nightly.CONVERT, Step("convert", _("Convert whole chunks"), _chunks, _convert))
    nightly.add(nightly.DECAY, Step("decay", _("Let silent accounts decay"), _silent, _decay))
    nightly.add(nightly.EXPIRE, Step("expire", _("Write down what expired"), _lapsed, _expire))
    nightly.add(nightly.SEND_HOME, Step("send_home", _("Send home what came free in pools"), _left, _send_home))


def _owing(run: NightlyRun) -> int:
    return _count(
        "SELECT count(DISTINCT wallet_id) FROM ledger_account"
        " WHERE programme_id = %s AND kind = 'ARREARS' AND balance < 0",
        [run.programme_id],
    )


def _settle(run: NightlyRun, cursor: int) -> Batch:
    looked = services.settle_next(programme_id=run.programme_id, at=run.at, after=cursor)
    return Batch(looked.wallets, looked.upto)


def _to_extend(run: NightlyRun) -> int:
    return len(_extensions(run))


def _extend(run: NightlyRun, _cursor: int) -> Batch:
    waiting = _extensions(run)
    if not waiting:
        return Batch(0, None)
    is_unfinished = services.extend_lots(policy=waiting[0], at=run.at)
    return Batch(0 if is_unfinished else 1, waiting[0].pk)


def _extensions(run: NightlyRun) -> list[UnitPolicy]:
    found = services.unfinished_extensions(at=run.at)
    return [policy for policy in found if policy.unit.programme_id == run.programme_id]


def _chunks(run: NightlyRun) -> int:
    return sum(
        _count(
            "SELECT count(*) FROM ledger_account account JOIN ledger_wallet wallet ON wallet.id = account.wallet_id"
            " WHERE unit_id = %s AND kind = 'MEMBER' AND balance - held >= %s AND NOT wallet.is_pool",
            [terms.source_unit_id, terms.chunk],
        )
        for terms in _conversions(run)
    )


def _convert(run: NightlyRun, cursor: int) -> Batch:
    place, after = divmod(cursor, _WALLETS)
    conversions = _conversions(run)
    if place >= len(conversions):
        return Batch(0, None)
    midnight = start_of_day(run.day, run.programme.zone)
    looked = services.convert_next(terms=conversions[place], midnight=midnight, after=after)
    return Batch(looked.wallets, _next(place, looked.upto))


def _conversions(run: NightlyRun) -> list[ConversionTerms]:
    of_the_programme = ConversionTerms.objects.filter(source_unit__programme=run.programme_id, is_automatic=True)
    return list(of_the_programme.select_related("target_unit__programme").order_by("pk"))


def _silent(run: NightlyRun) -> int:
    return sum(
        _count(
            "SELECT count(*) FROM ledger_account WHERE unit_id = %s AND kind = 'MEMBER' AND balance > 0"
            " AND earned_at + (%s + 1) * interval '168 hours' <= %s",
            [unit_id, decay.after_weeks, run.at],
        )
        for unit_id, decay in _decays(run)
    )


def _decay(run: NightlyRun, cursor: int) -> Batch:
    # One unit after the other: a cursor is a unit's place among those that decay, and the wallet that was last.
    place, after = divmod(cursor, _WALLETS)
    decays = _decays(run)
    if place >= len(decays):
        return Batch(0, None)
    unit_id, decay = decays[place]
    looked = services.decay_next(unit_id=unit_id, decay=decay, at=run.at, after=after)
    return Batch(looked.wallets, _next(place, looked.upto))


def _next(place: int, upto: int | None) -> int:
    return (place + 1) * _WALLETS if upto is None else place * _WALLETS + upto


def _decays(run: NightlyRun) -> list[tuple[int, Decay]]:
    units = list(Unit.objects.filter(programme_id=run.programme_id).order_by("pk"))
    in_force = policies_in_force(units, at=run.at)
    return [(unit.pk, decay) for unit in units if (decay := in_force[unit.pk].decay) is not None]


def _lapsed(run: NightlyRun) -> int:
    return _count(
        "SELECT count(*) FROM ledger_lot WHERE programme_id = %s AND remaining > 0 AND remaining > reserved"
        " AND expires_at <= %s",
        [run.programme_id, run.at],
    )


def _expire(run: NightlyRun, _cursor: int) -> Batch:
    expired = services.expire_lapsed(at=run.at, programme_id=run.programme_id)
    if expired:
        return Batch(expired, 1)
    # What is in use by somebody else was left out: it is asked for again.
    return Batch(0, 1, waits=True) if _lapsed(run) else Batch(0, None)


def _left(run: NightlyRun) -> int:
    return _count(
        "SELECT count(DISTINCT gone.pool_id) FROM ledger_poolmember gone JOIN ledger_account account"
        " ON account.wallet_id = gone.pool_id AND account.kind = 'MEMBER' AND account.balance > 0"
        " WHERE gone.programme_id = %s AND gone.left_at IS NOT NULL",
        [run.programme_id],
    )


def _send_home(run: NightlyRun, cursor: int) -> Batch:
    looked = services.send_home_next(programme_id=run.programme_id, at=run.at, after=cursor)
    return Batch(looked.wallets, looked.upto)


def _count(statement: str, values: Sequence[int | datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        (count,) = cursor.fetchone()
    return int(count)
