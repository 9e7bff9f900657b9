"""What a programme promises, read from what is in force: nothing on the page can differ from what the engine does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.definitions import Definition
from campaigns.inforce import Terms, terms
from campaigns.queries import money_of, types_told
from campaigns.sentences import rule_sentence
from campaigns.wording import points
from ledger import queries as ledger
from ledger.sentences import policy_sentences
from rewards.models import Reward
from shops.models import Programme

REWARDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class RewardOnShow:
    """One reward of the catalogue, its price in words."""

    name: str
    description: str
    price: str


@dataclass(frozen=True, slots=True)
class Offer:
    """`earning` are sentences, one for each rule in force; `expiry` says how long points live."""

    earning: list[str]
    expiry: str
    rewards: list[RewardOnShow]


def offer_of(programme: Programme, *, at: datetime) -> Offer:
    """What members of `programme` earn and can get at `at`."""
    money = money_of(programme)
    decisive = terms(programme.pk)
    in_force = tuple(entry.rule for entry in decisive.rules.at(at, None) if not entry.stopped)
    types = types_told([Definition(in_force)], programme)
    units = list(ledger.units_of(programme.pk))
    decimals = {unit.code: unit.decimals for unit in units}
    rewards = Reward.objects.filter(programme=programme, is_offered=True).exclude(stock=0).order_by("price", "name")
    return Offer(
        earning=[rule_sentence(rule, money, types, decimals=decimals.get(rule.unit, 0)) for rule in in_force],
        expiry=_expiry(units, decisive, at),
        rewards=[
            RewardOnShow(reward.name, reward.description, points(reward.price)) for reward in rewards[:REWARDS_SHOWN]
        ],
    )


def _expiry(units: Iterable[ledger.Unit], decisive: Terms, at: datetime) -> str:
    said = []
    for unit in units:
        policy = decisive.units[unit.code].policy_at(at)
        said += policy_sentences(policy, name=unit.name, decimals=unit.decimals)
    return " ".join(said)
