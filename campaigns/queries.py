"""Reads about campaigns: what is live, and why a member has what the books say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.definitions import Definition, read
from campaigns.engine import Decision
from campaigns.inforce import terms
from campaigns.models import Campaign, CampaignVersion
from campaigns.payment_sentences import payment_sentence, till_sentence
from campaigns.sentences import grant_sentence, last_day
from campaigns.wording import Money
from ledger import reasons
from ledger.policies import BirthMonth
from members import transfer_reasons
from orders.events.builtin import BUILT_IN
from orders.events.queries import types_of
from orders.events.types import DeclaredType, Types
from shops.models import Programme

_decode = msgspec.json.Decoder(Decision).decode


class HasPosting(Protocol):
    """An entry of the books, as far as its explanation needs it."""

    pk: int
    posting_id: int
    amount: int


class Explanation(msgspec.Struct, frozen=True):
    """
    Why an entry exists. `order_reference` is empty when no order is behind it, `event_id` is None when no event is;
    `expires_at` is the end of its lot.
    """

    sentence: str
    order_reference: str = ""
    order_id: int | None = None
    expires_at: datetime | None = None
    event_id: int | None = None


def standing_campaign(programme: Programme) -> Campaign | None:
    """The programme's oldest campaign: the earning rule that never ends."""
    return Campaign.objects.filter(programme=programme).order_by("pk").first()


def asks_birthday(programme: Programme, *, at: datetime) -> bool:
    """Whether how long anything lives that is earned from `at` on depends on the month a member was born in."""
    in_force = terms(programme.pk)
    said = [policy.says.expiry for unit in in_force.units.values() for policy in unit.policies]
    said += [rule.rule.expiry for rule in in_force.rules.at(at, None) if rule.rule.expiry is not None]
    return any(isinstance(expiry, BirthMonth) for expiry in said)


def version_in_force(campaign: Campaign, *, at: datetime) -> CampaignVersion | None:
    """The published version a purchase at `at` is decided by."""
    return published_versions(campaign).filter(effective_from__lte=at).first()


def published_versions(campaign: Campaign) -> QuerySet[CampaignVersion]:
    """Published versions, the latest to begin first."""
    return CampaignVersion.objects.filter(campaign=campaign, state=CampaignVersion.State.PUBLISHED).order_by(
        "-effective_from"
    )


def draft_of(campaign: Campaign) -> CampaignVersion | None:
    """The campaign's draft."""
    return CampaignVersion.objects.filter(campaign=campaign, state=CampaignVersion.State.DRAFT).first()


def definition_of(version: CampaignVersion) -> Definition:
    """The typed definition of a stored version."""
    return read(version.definition)


def types_told(definitions: Iterable[Definition], programme: Programme) -> Types:
    """The types of events that are needed to tell what definitions say."""
    asks = any(rule.event not in BUILT_IN for definition in definitions for rule in definition.rules if rule.event)
    return types_of(programme.pk) if asks else BUILT_IN


def money_of(programme: Programme) -> Money:
    """How the programme shows money."""
    return Money(programme.currency, programme.currency_decimals, programme.pk)


_WHY = """
SELECT posting.id, posting.kind, lot.expires_at, purchase.id, purchase.reference, goods_return.reference,
       redeemed.name, redeemed.bill_of, checkout.paid, happened.type, happened.id,
       coalesce(decision.outcome, decided.outcome)::text, award.version_id, award.rule, unit.decimals
  FROM ledger_posting posting
  LEFT JOIN ledger_lot lot ON lot.posting_id = posting.id
  LEFT JOIN campaigns_award award ON award.posting_id = coalesce(posting.corrects_id, posting.id)
  LEFT JOIN ledger_unit unit ON unit.id = award.unit_id
  LEFT JOIN campaigns_payment payment ON payment.posting_id = coalesce(posting.corrects_id, posting.id)
  LEFT JOIN orders_order purchase ON purchase.id = coalesce(award.order_id, payment.order_id)
  LEFT JOIN orders_event happened ON happened.id = award.event_id
  LEFT JOIN campaigns_decision decision ON decision.order_id = purchase.id AND posting.kind = 'ACCRUE'
  LEFT JOIN campaigns_decision decided ON decided.event_id = happened.id
  LEFT JOIN orders_return goods_return
         ON goods_return.id = CASE WHEN posting.source = 'return' THEN split_part(posting.reference, ':', 1)::bigint END
  LEFT JOIN LATERAL (
       SELECT reward.name, CASE WHEN reward.id IS NULL THEN shop.name END AS bill_of
         FROM rewards_redemption redemption JOIN shops_shop shop ON shop.id = redemption.shop_id
         LEFT JOIN rewards_reward reward ON reward.id = redemption.reward_id
        WHERE redemption.burn_id = coalesce(posting.corrects_id, posting.id)) redeemed ON true
  LEFT JOIN LATERAL (
       SELECT json_build_object('checkout', split_part(spent.reference, ':', 2), 'shop', shop.name,
                                'unit', CASE paid.klass WHEN 'POINTS' THEN '' ELSE paid.name END) AS paid
         FROM ledger_posting spent
         JOIN ledger_entry entry ON entry.posting_id = spent.id AND entry.wallet_id IS NOT NULL
         JOIN ledger_unit paid ON paid.id = entry.unit_id
         LEFT JOIN shops_shop shop ON shop.id = purchase.shop_id
        WHERE spent.id = coalesce(posting.corrects_id, posting.id) AND spent.source = 'checkout') checkout ON true
 WHERE posting.id = ANY(%s)
"""


def explanations(
    posting_ids: Sequence[int], *, programme: Programme, amounts: Mapping[int, int] | None = None
) -> dict[int, Explanation]:
    """
    Why each posting exists, one sentence in the active language, from stored facts, by posting id. `amounts` is what
    each changed for whom it is told, where it is told to one of two.
    """
    if not posting_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WHY, [list(posting_ids)])
        rows = cursor.fetchall()
    # What a return took is known here: the books are asked about the rest.
    kinds = {row[0]: row[1] for row in rows if row[5] is None}
    known = reasons.of(kinds) | _of_transfers(kinds, amounts or {})
    types = types_of(programme.pk) if any(row[9] for row in rows) else BUILT_IN
    return {row[0]: _explain(row, programme, known.get(row[0]), types) for row in rows}


def _of_transfers(kinds: Mapping[int, str], amounts: Mapping[int, int]) -> dict[int, str]:
    moves = [posting_id for posting_id, kind in kinds.items() if kind == "TRANSFER"]
    told = transfer_reasons.reasons_of(moves) if moves else {}
    return {posting_id: reason.to(amounts.get(posting_id)) for posting_id, reason in told.items()}


def explanations_of(entries: Sequence[HasPosting], *, programme: Programme) -> dict[int, Explanation]:
    """`explanations` for entries, by entry id."""
    amounts = {entry.posting_id: entry.amount for entry in entries}
    by_posting = explanations(list(amounts), programme=programme, amounts=amounts)
    return {entry.pk: by_posting[entry.posting_id] for entry in entries}


def _explain(row: Sequence[Any], programme: Programme, known: str | None, types: Types) -> Explanation:
    _posting, kind, expires_at, order_id, order, returned, reward, bill_of, paid, event, event_id, *award = row
    if known is not None:
        return Explanation(known, expires_at=expires_at)
    if bill_of:
        return Explanation(till_sentence(kind, shop=bill_of))
    if paid:
        sentence = payment_sentence(kind, paid, order=order or "", returned=returned or "")
        return Explanation(sentence, order or "", order_id, expires_at)
    facts = {"order": order or "", "return": returned or "", "reward": reward or _("a reward")}
    if kind != "ACCRUE" or award[0] is None:
        return Explanation(_other_sentence(kind, facts), order or "", order_id, expires_at)
    sentence = _earned_sentence(award, money_of(programme), types[event] if event else None)
    if expires_at:
        facts = {"sentence": sentence, "day": last_day(expires_at, programme.zone)}
        sentence = _("%(sentence)s. Can be spent until %(day)s.") % facts
    return Explanation(sentence, order or "", order_id, expires_at, event_id)


def _earned_sentence(award: Sequence[Any], money: Money, about: DeclaredType | None) -> str:
    outcome, version_id, rule, decimals = award
    grants = _decode(outcome).grants
    grant = next(grant for grant in grants if (grant.version_id, grant.rule) == (version_id, rule))
    return grant_sentence(grant, money, decimals=decimals, about=about)


def _other_sentence(kind: str, facts: dict[str, str]) -> str:
    return {
        "CLAW_BACK": _("Taken back because goods of order %(order)s came back (return %(return)s)."),
        "BURN": _("Spent on %(reward)s."),
        "REVERSE": _("Given back because %(reward)s was undone."),
        "EXPIRE": _("Expired because they were not spent in time."),
        "TRANSFER": _("Moved from one account to another."),
        "SETTLE": _("Offset against points that had been spent before their order was returned."),
    }.get(kind, _("Earned.")) % facts
