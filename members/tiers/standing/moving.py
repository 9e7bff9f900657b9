"""How a member moves by what they did: up, on, into grace, down."""

from dataclasses import replace
from datetime import datetime, timedelta

from members.tiers.definitions import PERIODS, Definition, Drop, ForEver, Lasting, Span, WhileMet
from members.tiers.standing.facts import Cause, Own, Which
from members.tiers.standing.looking import Look, highest
from members.tiers.windows import grace_until

_MOMENT = timedelta(microseconds=1)


def next_own(look: Look) -> Own | None:
    """What a member holds next by what they did; None for no tier."""
    ladder, own, at = look.ladder, look.case.own, look.case.at
    risen = _risen(look)
    if risen is not None:
        return risen
    if own is None or ladder.rank(own.tier) is None:
        return _at_the_base(ladder, at, Cause.DROPPED if own else Cause.ENTERED)
    if look.held == ladder.base:
        return own if own.until is None else _at_the_base(ladder, at, Cause.KEPT)
    return _at_its_end(look, own)


def _at_its_end(look: Look, own: Own) -> Own | None:
    if look.ladder.tiers[look.held].entry is None:  # it can only be granted since an edit
        return _dropped(look)
    renewed = _renewed(look, own)
    if renewed is not None:
        return renewed
    return _fallen(look, own) if _is_over(look, own) else own


def _risen(look: Look) -> Own | None:
    at, own = look.case.at, look.case.own
    ends = {which: until for which in look.judged if (until := look.until(which, at)) is None or until > at}
    rank = max((highest(look, which, below=len(look.ladder.tiers), kept=-1) for which in ends), default=-1)
    if rank <= look.held:
        return None
    # Who holds it now holds it as long as any of the windows lets them stay.
    found = [until for which, until in ends.items() if look.stays(rank, which)]
    until = None if None in found else max(until for until in found if until is not None)
    return Own(look.ladder.tiers[rank].key, at, until, Cause.EARNED, own.tier if own else "")


def _renewed(look: Look, own: Own) -> Own | None:
    """The same tier for longer, or unchanged where nothing is to be asked; None where it has not been kept (yet)."""
    validity, at = look.ladder.validity, look.case.at
    if isinstance(validity, ForEver) or (isinstance(validity, WhileMet) and look.stays(look.held, Which.NOW)):
        return own if own.until is None else _kept(own, at, None)
    if isinstance(validity, WhileMet):
        return None
    if own.until is None:  # this validity was published since: nobody falls by an edit alone
        return _kept(own, at, look.until(Which.NOW, at))
    if isinstance(validity, Lasting):
        return _lasting_again(look, own, own.until, validity.span)
    kept = [which for which in look.judged if look.stays(look.held, which)]
    best = max((until for which in kept if (until := look.until(which, at)) is not None), default=own.until)
    return _kept(own, at, best) if best > max(own.until, at) else None


def _lasting_again(look: Look, own: Own, until: datetime, span: Span) -> Own | None:
    at, anew = look.case.at, look.until(Which.NOW, look.case.at)
    if own.cause is Cause.GRACE and look.stays(look.held, Which.NOW):
        return _kept(own, at, anew)
    if until > at:
        return None
    if look.stays(look.held, _judging(look, until)):
        again = look.until(Which.NOW, until - _MOMENT if span is Span.DAYS else until)
        return _kept(own, at, again if again is not None and again > at else anew)
    return _kept(own, at, anew) if look.enters(look.held, Which.NOW) else None


def _judging(look: Look, until: datetime) -> Which:
    """The stretch that the end of a tier falls into."""
    before = look.stretches.get(Which.BEFORE)
    if before is None:
        return Which.NOW
    start = look.stretches[Which.NOW].start
    is_now = isinstance(look.ladder.window, PERIODS) and start is not None and start < until
    return Which.NOW if is_now else Which.BEFORE


def _is_over(look: Look, own: Own) -> bool:
    return own.until <= look.case.at if own.until is not None else isinstance(look.ladder.validity, WhileMet)


def _fallen(look: Look, own: Own) -> Own | None:
    ladder, at = look.ladder, look.case.at
    # A step down in a ladder that measures every day was given its grace when it was made.
    had_grace = own.cause is Cause.GRACE or (own.cause is Cause.DROPPED and isinstance(ladder.validity, WhileMet))
    if ladder.grace is not None and not had_grace:
        until = grace_until(ladder.grace, at=own.until or at, zone=look.case.place.zone)
        if until > at:
            return replace(own, until=until, cause=Cause.GRACE)
    return _dropped(look)


def _dropped(look: Look) -> Own | None:
    ladder, at, own = look.ladder, look.case.at, look.case.own
    chances = []
    for which in look.judged:
        rank, until = highest(look, which, below=look.held, kept=look.held), look.until(which, at)
        if until is None or until > at:
            chances.append((rank, until is None, until or at))
    rank, is_open, until = max(chances, default=(ladder.base, True, at))
    step = _step_down(look, own)
    if step > rank:
        rank, is_open = step, (ends := look.until(Which.NOW, at)) is None
        until = ends or at
        if isinstance(ladder.validity, WhileMet) and ladder.grace is not None:
            is_open, until = False, grace_until(ladder.grace, at=at, zone=look.case.place.zone)
    if rank == ladder.base:
        return _at_the_base(ladder, at, Cause.DROPPED)
    return Own(ladder.tiers[rank].key, at, None if is_open else until, Cause.DROPPED)


def _step_down(look: Look, own: Own | None) -> int:
    ladder = look.ladder
    target = ladder.base
    if ladder.drop is Drop.ONE:
        target = look.held - 1
    elif ladder.drop is Drop.FORMER and own is not None and (former := ladder.rank(own.former)) is not None:
        target = min(former, look.held - 1)
    while target > ladder.base and ladder.tiers[target].entry is None:
        target -= 1
    return max(target, ladder.base)


def _kept(own: Own, at: datetime, until: datetime | None) -> Own:
    return replace(own, since=at, until=until, cause=Cause.KEPT)


def _at_the_base(ladder: Definition, at: datetime, cause: Cause) -> Own | None:
    return Own(ladder.tiers[0].key, at, None, cause) if ladder.base == 0 else None
