"""What holds for every ladder, whatever was counted: generated ladders and lives of members."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from members.tiers.definitions import (
    AllTime,
    Definition,
    Drop,
    ForEver,
    Grace,
    Lasting,
    Reserve,
    RestOfPeriod,
    Share,
    SinceEntry,
    Span,
    Tier,
    UntilDay,
    WhileMet,
    check,
)
from members.tiers.errors import LadderInvalid
from members.tiers.standing import Cause, Granted, Which, review
from tests.members.tiers.ladders import WINDOWS, a_case, again, at_least, noon

amounts = st.integers(0, 1500)
AMOUNT = "points:points"


@st.composite
def ladders(draw):
    silver = draw(st.integers(1, 600))
    gold = draw(st.integers(silver, 1200))
    levels = (
        Tier("green", "Green", draw(st.sampled_from([None, None, at_least(1)]))),
        Tier("silver", "Silver", at_least(silver), draw(st.sampled_from([None, at_least(max(1, silver // 2))]))),
        Tier("gold", "Gold", at_least(gold), draw(st.sampled_from([None, at_least(max(1, gold // 2))]))),
    )
    definition = Definition(
        levels,
        draw(st.sampled_from([*WINDOWS.values(), SinceEntry(), AllTime()])),
        draw(
            st.sampled_from(
                [
                    WhileMet(),
                    RestOfPeriod(0),
                    RestOfPeriod(1),
                    Lasting(3),
                    Lasting(20, Span.DAYS),
                    UntilDay("02-29"),
                    ForEver(),
                ]
            )
        ),
        draw(st.sampled_from([None, Grace(1), Grace(10, Span.DAYS, to_month_end=True)])),
        draw(st.sampled_from(list(Drop))),
        draw(st.sampled_from([None, None, Share(), Share(50), Reserve()])),
    )
    try:
        check(definition)
    except LadderInvalid:
        return Definition(levels)
    return definition


@st.composite
def lives(draw):
    """A ladder, and what is counted at some days of a member's life, as the same in all stretches but two."""
    steps = st.tuples(st.integers(0, 400), amounts, amounts)
    return draw(ladders()), draw(st.lists(steps, min_size=1, max_size=8))


def lived(ladder, steps, grants=()):
    """Each case with its outcome."""
    case, day = a_case("2026-01-03", grants=tuple(grants)), noon("2026-01-03")
    for days, now, before in steps:
        day += timedelta(days=days)
        case = type(case)(day, case.place, case.own, case.grants)
        figures = counted(now, before)
        outcome = review(ladder, case, figures)
        yield case, figures, outcome
        case = again(case, outcome)


def counted(now, before):
    return lambda which, _metric: before if which is Which.BEFORE else now


def rank(ladder, held):
    return -1 if held is None else ladder.rank(held.tier)


@given(lives())
def test_a_review_again_changes_nothing(life):
    ladder, steps = life
    for case, figures, outcome in lived(ladder, steps):
        # A window that begins anew with each step counts nothing yet.
        figures_now = counted(0, 0) if isinstance(ladder.window, SinceEntry) and outcome.own != case.own else figures

        once_more = review(ladder, again(case, outcome), figures_now)

        assert (once_more.own, once_more.shown, once_more.due_at) == (outcome.own, outcome.shown, outcome.due_at)


@given(lives())
def test_what_is_shown_has_not_ended(life):
    ladder, steps = life
    for case, _, outcome in lived(ladder, steps):
        assert outcome.shown is None or outcome.shown.until is None or outcome.shown.until > case.at
        assert outcome.due_at is None or outcome.due_at > case.at
        if outcome.shown is not None and outcome.shown.until is not None:
            assert outcome.due_at <= outcome.shown.until


@given(lives())
def test_nobody_is_below_what_the_window_earns_now(life):
    ladder, steps = life
    for _, figures, outcome in lived(ladder, steps):
        amount = figures(Which.NOW, AMOUNT)
        earned = [tier for tier in ladder.tiers if tier.entry is None or tier.entry.any_of[0].at_least <= amount]
        ahead = [place for place, tier in enumerate(ladder.tiers) if tier in earned]

        assert rank(ladder, outcome.own) >= max(ahead, default=-1)


@given(lives())
def test_nobody_falls_before_the_end_of_their_tier(life):
    ladder, steps = life
    for case, _, outcome in lived(ladder, steps):
        if case.own is not None and case.own.until is not None and case.own.until > case.at:
            assert rank(ladder, outcome.own) >= ladder.rank(case.own.tier)


@given(ladders(), amounts, amounts)
def test_who_has_more_is_never_lower(ladder, one, other):
    less, more = sorted((one, other))
    case = a_case()

    assert rank(ladder, review(ladder, case, counted(less, 0)).shown) <= rank(
        ladder, review(ladder, case, counted(more, 0)).shown
    )


@given(lives(), st.sampled_from(["green", "silver", "gold"]))
def test_nobody_is_below_their_floor(life, tier):
    ladder, steps = life
    for _, _, outcome in lived(ladder, steps, [Granted(1, tier, Cause.MANUAL, noon("2026-01-02"), None)]):
        assert rank(ladder, outcome.shown) >= ladder.rank(tier)


@given(lives())
def test_a_floor_changes_nothing_beneath(life):
    ladder, steps = life
    lifted = lived(ladder, steps, [Granted(1, "gold", Cause.PAID, noon("2026-01-02"), None)])

    for (_, _, plain), (_, _, raised) in zip(lived(ladder, steps), lifted, strict=True):
        assert plain.own == raised.own
