"""Goods come back from orders whose rules excluded or limited each other."""

from campaigns.definitions import Definition, Fixed, PerQuantity, Rule
from tests.campaigns.trade import a_campaign, books_are_sound, bring_back, buy, goods, granted, taken


def test_of_rules_that_exclude_each_other_the_rest_keeps_what_the_best_for_it_gives(grocer, ada):
    """5 a piece are best for two, 8 points for one: the customer who keeps one keeps 8, however it comes back."""
    a_campaign(
        grocer,
        Definition(
            rules=(
                Rule(key="piece", effect=PerQuantity(units=5), group="one"),
                Rule(key="once", effect=Fixed(units=8), group="one"),
            )
        ),
    )
    bought = buy(grocer, goods(1000, pieces=2))

    returned = bring_back(grocer, (1, 1), of="1")

    assert (granted(bought), taken(returned)) == (10, 2)
    assert taken(bring_back(grocer, (1, 1), of="1", reference="R2")) == 8
    assert books_are_sound()
