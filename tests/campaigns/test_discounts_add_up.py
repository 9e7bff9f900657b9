"""Whatever offers there are: prices stay prices, sums are exact, and nobody loses by being offered more."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.definitions.discounts import (
    AmountOff,
    BuyGet,
    End,
    PercentOff,
    SetPrice,
    ShippingOff,
    Step,
    Tiered,
)
from orders.facts import PIECE, Line, LineKind
from tests.campaigns.baskets import basket, decided, on, rule, sku

LINES = st.builds(
    Line,
    no=st.just(0),
    sku=st.sampled_from(["A", "B", "C"]),
    quantity=st.integers(1, 6).map(PIECE.__mul__) | st.integers(1, 3 * PIECE),
    amount=st.integers(0, 50) | st.integers(0, 20_000),
    kind=st.sampled_from([LineKind.PRODUCT] * 5 + [LineKind.SHIPPING, LineKind.FEE]),
)
BASKETS = st.lists(LINES, min_size=1, max_size=5).map(lambda lines: basket(*lines, wants_offers=True))
WHERE = st.none() | st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, max_size=2).map(lambda names: sku(*names))
LANES = st.integers(1, 3)
SHARES = st.integers(1, 10_000) | st.just(10_000)
MONEY = st.integers(1, 5000)
EFFECTS = st.one_of(
    st.builds(PercentOff, SHARES, LANES, st.sampled_from(["running", "list"]), WHERE, st.none() | MONEY),
    st.builds(AmountOff, MONEY, LANES, WHERE),
    st.builds(SetPrice, MONEY, st.integers(1, 4), LANES, WHERE, st.none() | st.integers(1, 2)),
    st.builds(
        BuyGet,
        get=st.integers(1, 2),
        buy=st.integers(0, 3),
        which=st.sampled_from(End),
        percent=SHARES,
        lane=LANES,
        lines=WHERE,
        get_lines=WHERE,
        times=st.none() | st.integers(1, 2),
    ),
    st.builds(ShippingOff, SHARES, LANES, st.none() | MONEY),
    st.builds(
        lambda by, first, lane, where: Tiered(by, (Step(1, percent=first), Step(3, amount=first)), lane, where),
        st.sampled_from(["amount", "pieces"]),
        st.integers(1, 10_000),
        LANES,
        WHERE,
    ),
)


@st.composite
def offers(draw):
    effects = draw(st.lists(EFFECTS, min_size=1, max_size=4))
    return [
        rule(
            f"r{number}",
            effect,
            group=draw(st.sampled_from(["", "", "one", "two"])),
            choose=draw(st.sampled_from(["best", "best", "priority"])),
            priority=draw(st.integers(0, 2)),
        )
        for number, effect in enumerate(effects)
    ]


def cuts(bought, rules):
    return decided(bought, *rules).discounts


def saved(bought, rules):
    return sum(cut.amount for cut in cuts(bought, rules))


@given(bought=BASKETS, rules=offers())
@example(bought=basket(3000, 3000, wants_offers=True), rules=[rule("r0", PercentOff(1))])
@settings(max_examples=300)
def test_no_price_falls_below_zero_and_every_sum_is_that_of_its_lines(bought, rules):
    found = cuts(bought, rules)

    off = {line.no: sum(cut.lines.get(line.no, 0) for cut in found) for line in bought.lines}
    assert all(0 <= off[line.no] <= line.amount for line in bought.lines)
    assert all(cut.amount == sum(cut.lines.values()) == cut.desired > 0 for cut in found)
    assert not any(off[line.no] for line in bought.lines if line.kind is LineKind.FEE)


@given(bought=BASKETS, rules=offers())
@settings(max_examples=200)
def test_every_offer_is_answered_once(bought, rules):
    decision = decided(bought, *rules)

    assert sorted([cut.rule for cut in decision.discounts] + [lost.rule for lost in decision.rejections]) == sorted(
        one.key for one in rules
    )


@given(bought=BASKETS, rules=offers(), more=EFFECTS)
@settings(max_examples=200)
def test_an_offer_that_does_not_apply_never_changes_the_price(bought, rules, more):
    barred = rule("barred", more, when=on("order.total", "lt", 0), priority=9, group="one")

    assert cuts(bought, [*rules, barred]) == cuts(bought, rules)


@given(bought=BASKETS, rules=offers())
@settings(max_examples=200)
def test_of_one_group_one_offer_counts(bought, rules):
    groups = {one.key: one.group for one in rules if one.group}
    won = [groups[cut.rule] for cut in cuts(bought, rules) if cut.rule in groups]

    assert len(won) == len(set(won))


@given(bought=BASKETS, effects=st.lists(EFFECTS, min_size=2, max_size=4))
@settings(max_examples=300)
def test_in_a_best_group_the_customer_pays_no_more_than_with_any_one_of_its_offers(bought, effects):
    rules = [rule(f"r{number}", effect, group="one") for number, effect in enumerate(effects)]

    assert saved(bought, rules) == max(saved(bought, [one]) for one in rules)


SINGLE = st.builds(PercentOff, SHARES, st.just(1), st.sampled_from(["running", "list"]), WHERE)


@given(bought=BASKETS, effects=st.lists(SINGLE, min_size=1, max_size=4), seed=st.randoms())
@settings(max_examples=200)
def test_in_a_lane_every_line_gets_the_largest_share_whatever_the_order_of_the_offers(bought, effects, seed):
    rules = [rule(f"r{number}", effect) for number, effect in enumerate(effects)]
    mixed = seed.sample(rules, len(rules))

    for line in bought.lines:
        alone = basket(line, wants_offers=True)
        assert saved(alone, rules) == max(saved(alone, [one]) for one in rules)
    # The sums of two offers' lines are rounded each, so a basket may differ by what is rounded.
    assert abs(saved(bought, rules) - saved(bought, mixed)) <= len(bought.lines)
