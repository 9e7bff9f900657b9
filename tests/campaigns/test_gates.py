"""Of many rules only those are asked that could hold: what is decided stays the same."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.definitions import Fixed, Multiplier, PerMoney, PerQuantity
from campaigns.definitions.discounts import PercentOff
from campaigns.engine import InForce, RuleInForce, decide
from campaigns.engine.gates import FEW
from conditions.situation import Situation
from tests.campaigns.baskets import article, basket, in_force, label, on, rule, sku

NAMES = st.sampled_from(["A", "B", "C", "D"])
SOME = st.lists(NAMES, min_size=1, max_size=2, unique=True)
LINE = st.one_of(
    SOME.map(lambda names: sku(*names)),
    SOME.map(lambda names: label(*names)),
    NAMES.map(lambda name: on("line.categories", "has_any", [name])),
    NAMES.map(lambda name: on("line.sku", "ne", name)),
)
TESTS = st.one_of(
    NAMES.map(lambda name: on("order.channel", "eq", name)),
    SOME.map(lambda names: on("order.shop", "in", names)),
    NAMES.map(lambda name: on("order.channel", "ne", name)),
    SOME.map(lambda names: on("order.codes", "has_any", names)),
    st.integers(0, 3000).map(lambda least: on("order.total", "gte", least)),
    st.tuples(st.sampled_from(["any", "every", "none", "cheapest"]), LINE).map(
        lambda of: {"of": "order.lines", "which": of[0], "where": of[1]}
    ),
)
CONDITIONS = st.none() | st.recursive(
    TESTS,
    lambda parts: st.tuples(st.sampled_from(["all", "any", "none"]), st.lists(parts, min_size=1, max_size=2)).map(
        lambda group: {group[0]: group[1]}
    ),
    max_leaves=4,
)
EFFECTS = st.one_of(
    st.just(PerMoney(1, 100)),
    st.just(Fixed(5)),
    LINE.map(lambda where: PerQuantity(2, lines=where)),
    LINE.map(lambda where: Multiplier(2000, lines=where)),
    LINE.map(lambda where: PercentOff(1000, lines=where)),
)
RULES = st.lists(st.tuples(EFFECTS, CONDITIONS), min_size=FEW + 1, max_size=FEW + 8).map(
    lambda drawn: in_force(*(rule(f"r{no}", effect, when=when) for no, (effect, when) in enumerate(drawn)))
)
LABELS = st.lists(NAMES, max_size=2).map(tuple)
BASKETS = st.builds(
    lambda lines, channel, shop, codes: basket(*lines, channel=channel, shop_code=shop, codes=codes, wants_offers=True),
    st.lists(
        st.builds(
            lambda name, amount, labels, categories: article(name, amount, labels=labels, categories=categories),
            NAMES,
            st.integers(0, 3000),
            LABELS,
            LABELS,
        ),
        min_size=1,
        max_size=3,
    ),
    NAMES | st.just(""),
    NAMES | st.just(""),
    LABELS,
)


class OneByOne(InForce):
    """Asks every rule."""

    def could_hold(self, _asked: Situation) -> Sequence[RuleInForce]:
        return self.rules


@given(bought=BASKETS, rules=RULES)
@settings(max_examples=200, deadline=None)
def test_what_is_found_by_its_needs_gives_what_all_would_give(bought, rules):
    asked = Situation(bought, bought.placed_at)
    found = decide(asked, rules)
    everything = decide(asked, OneByOne(rules))

    assert (found.grants, found.discounts, found.versions) == (
        everything.grants,
        everything.discounts,
        everything.versions,
    )
    assert all(rejection in everything.rejections for rejection in found.rejections)


def test_a_few_rules_all_say_why_they_give_nothing():
    rules = [rule(f"r{no}", Fixed(5), when=on("order.channel", "eq", f"c{no}")) for no in range(FEW)]
    few = decide(Situation(basket(100), basket(100).placed_at), in_force(*rules))
    more = decide(Situation(basket(100), basket(100).placed_at), in_force(*rules, rule("more", Fixed(1))))

    assert (len(few.rejections), len(more.rejections)) == (FEW, 0)
    assert [grant.rule for grant in more.grants] == ["more"]


def test_rules_that_could_not_hold_are_not_asked():
    rules = in_force(
        *(rule(f"r{no}", Fixed(5), when=on("order.channel", "eq", f"c{no}")) for no in range(FEW)),
        *(rule(f"s{no}", PerQuantity(1, lines=sku(f"S{no}"))) for no in range(FEW)),
        rule("open", Fixed(1)),
    )
    bought = basket(article("S3", 100), article("S5", 100), channel="c7")

    asked = InForce(rules).could_hold(Situation(bought, bought.placed_at))

    assert [entry.rule.key for entry in asked] == ["r7", "s3", "s5", "open"]
