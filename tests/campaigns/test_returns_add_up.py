"""However goods come back, what is taken back adds up: properties over many orders, lines and splits."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, Mode, PerMoney, Rule, condition_of
from campaigns.engine import RuleInForce
from orders.allocation import spread_discount, without_returned
from orders.facts import PIECE, Line, LineKind, Purchase, ReturnDraft, ReturnLine, Tender, TenderKind
from shops.models import Programme
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    a_member,
    a_programme,
    books_are_sound,
    decided,
    granted,
    order,
    per_money,
    taken,
    wallet,
)


@st.composite
def priced_lines(draw):
    """Lines of all kinds with their tax, at least one of goods, in pieces and in weights."""
    lines = []
    for no in range(1, draw(st.integers(1, 5)) + 1):
        amount = draw(st.integers(0, 50) | st.integers(0, 20_000))
        lines.append(
            Line(
                no=no,
                sku=f"S{draw(st.integers(1, 3))}",
                quantity=draw(st.integers(1, 12).map(PIECE.__mul__) | st.integers(1, 3 * PIECE)),
                amount=amount,
                kind=LineKind.PRODUCT if no == 1 else draw(st.sampled_from([*LineKind][:6] + [LineKind.PRODUCT] * 6)),
                tax=draw(st.integers(0, amount)),
            )
        )
    return lines


def goods_sum(lines):
    return sum(line.amount for line in lines if line.kind in {LineKind.PRODUCT, LineKind.SERVICE})


@st.composite
def purchases(draw):
    lines = draw(priced_lines())
    spread = spread_discount(lines, draw(st.integers(0, goods_sum(lines))))
    total = sum(line.amount - line.discount for line in spread)
    points = draw(st.integers(0, total))
    tenders = (Tender(TenderKind.POINTS, points), Tender(TenderKind.CARD, total - points))
    return Purchase(placed_at=NOON, currency="EUR", lines=spread, tenders=tenders if draw(st.booleans()) else ())


EFFECTS = st.builds(
    PerMoney, units=st.integers(1, 30), per=st.sampled_from([1, 7, 100, 1000]), mode=st.sampled_from(Mode)
) | st.builds(Fixed, units=st.integers(1, 100))
CONDITIONS = st.none() | st.builds(
    lambda field, value: {"field": field, "op": "gte", "value": value},
    st.sampled_from(["order.total", "order.goods"]),
    st.integers(0, 10_000),
)


@st.composite
def rules_in_force(draw):
    drawn = draw(st.lists(st.tuples(EFFECTS, CONDITIONS), min_size=1, max_size=3))
    rules = [Rule(key=f"r{no}", effect=effect, when=when) for no, (effect, when) in enumerate(drawn)]
    return [RuleInForce("standing", 1, 1, rule, condition_of(rule)) for rule in rules]


@given(purchase=purchases(), rules=rules_in_force(), data=st.data())
@settings(max_examples=400)
def test_what_stands_never_grows_while_goods_come_back_and_ends_at_nothing(purchase, rules, data):
    returned = {line.no: 0 for line in purchase.lines}
    stands = [{grant.rule: grant.granted for grant in decided(purchase, rules).grants}]

    for _ in range(data.draw(st.integers(0, 6))):
        line = data.draw(st.sampled_from(purchase.lines))
        returned[line.no] += data.draw(st.integers(0, line.quantity - returned[line.no]))
        left = decided(without_returned(purchase, returned), rules)
        stands.append({grant.rule: grant.granted for grant in left.grants})

    for before, after in pairwise(stands):
        assert all(amount <= before.get(rule, 0) for rule, amount in after.items())
    assert decided(without_returned(purchase, {line.no: line.quantity for line in purchase.lines}), rules).grants == ()


@st.composite
def baskets(draw):
    """An order, and how each of its lines comes back: quantities of separate returns, never more than was sold."""
    lines = draw(priced_lines())
    discount = draw(st.integers(0, goods_sum(lines)))
    parts: dict[int, list[int]] = {}
    for line in lines:
        left, parts[line.no] = line.quantity, []
        while left and draw(st.booleans()):
            parts[line.no].append(draw(st.integers(1, left)))
            left -= parts[line.no][-1]
    return lines, discount, parts


def whole_return(reference, parts):
    return a_return(reference, "R", [(no, sum(pieces)) for no, pieces in parts.items() if pieces])


def small_returns(reference, parts, draw):
    single = [(no, quantity) for no, pieces in parts.items() for quantity in pieces]
    shuffled = draw(st.permutations(single))
    return [a_return(reference, f"R{number}", [part]) for number, part in enumerate(shuffled)]


def a_return(order_reference, suffix, parts):
    return ReturnDraft(
        source="till",
        reference=f"{order_reference}-{suffix}",
        returned_at=LATER,
        lines=tuple(ReturnLine(quantity, line_no=no) for no, quantity in parts),
        order_reference=order_reference,
    )


def accept_returns(programme, drafts):
    return sum(taken(answer) for answer in campaigns.accept_returns(programme=programme, drafts=drafts, actor="test"))


def test_many_small_returns_take_back_exactly_what_one_big_one_does(db):
    @given(sold=st.lists(baskets(), min_size=1, max_size=4), data=st.data())
    @settings(max_examples=40)
    def holds(sold, data):
        grocer = a_generous_programme()
        bit_by_bit, at_once = a_member(grocer, "bits"), a_member(grocer, "once")
        for who in ("bits", "once"):
            drafts = [
                order(*lines, discount=discount, reference=f"{who} {number}", customer=who)
                for number, (lines, discount, _) in enumerate(sold)
            ]
            campaigns.accept_orders(programme=grocer, drafts=drafts, actor="test")
        earned = wallet(bit_by_bit)[0]

        small = [
            draft
            for number, (_, _, parts) in enumerate(sold)
            for draft in small_returns(f"bits {number}", parts, data.draw)
        ]
        big = [whole_return(f"once {number}", parts) for number, (_, _, parts) in enumerate(sold)]
        by_bits = sum(accept_returns(grocer, [draft]) for draft in small)
        by_one = accept_returns(grocer, [draft for draft in big if draft.lines])

        assert by_bits == by_one <= earned
        assert wallet(bit_by_bit) == wallet(at_once) == (earned - by_one, 0)

    holds()
    assert books_are_sound()


def test_when_everything_came_back_everything_was_taken(db):
    @given(lines=priced_lines(), data=st.data())
    @settings(max_examples=40)
    def holds(lines, data):
        grocer = a_generous_programme()
        member = a_member(grocer)
        draft = order(*lines, discount=data.draw(st.integers(0, goods_sum(lines))))
        earned = granted(campaigns.accept_order(programme=grocer, draft=draft, actor="test"))

        back = 0
        for number, (no, quantity) in enumerate(all_in_parts(lines, data.draw)):
            back += accept_returns(grocer, [a_return("1", f"R{number}", [(no, quantity)])])

        assert back == earned
        assert wallet(member) == (0, 0)

    holds()
    assert books_are_sound()


def all_in_parts(lines, draw):
    """Every line cut in two at most, in any order."""
    parts = []
    for line in lines:
        first = draw(st.integers(1, line.quantity))
        parts += [(line.no, quantity) for quantity in (first, line.quantity - first) if quantity]
    return draw(st.permutations(parts))


def a_generous_programme():
    """A programme of this example's own, with rules of every kind."""
    programme = a_programme(f"grocer-{Programme.objects.count()}")
    large = {"field": "order.total", "op": "gte", "value": 5000}
    definition = Definition(
        rules=(
            Rule(key="base", effect=per_money()),
            Rule(key="cents", effect=per_money(units=3, per=7, mode=Mode.CONTINUOUS)),
            Rule(key="bonus", effect=Fixed(units=25)),
            Rule(key="large", effect=per_money(units=2, per=500), when=large),
        )
    )
    a_campaign(programme, definition)
    return programme
