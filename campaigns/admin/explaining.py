"""Why: parts of the pages of members, postings, orders and returns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from campaigns import queries
from campaigns.answers import AcceptedEvent, answers_of, event_answers_of
from campaigns.models import Decision
from campaigns.sentences import grant_sentence, rejection_sentence
from campaigns.services.repaying import PaidBack
from campaigns.services.returning import TakenBack
from campaigns.wording import Money, points
from ledger import queries as ledger
from orders.admin import TENDERS
from orders.events.queries import types_of
from orders.events.types import DeclaredType
from orders.facts import TenderKind
from shops.desk import notes, panels
from shops.desk.panels import Panel, Place
from shops.models import Programme
from shops.policy import Act

SHOWN = 20


def _history(member: Any, _at: datetime) -> Mapping[str, object]:
    entries = list(ledger.entries_of(member.wallet_id)[: SHOWN + 1])
    reasons = queries.explanations_of(entries[:SHOWN], programme=member.programme)
    return {
        "rows": [(entry, reasons[entry.pk]) for entry in entries[:SHOWN]],
        "has_more": len(entries) > SHOWN,
        "wallet_id": member.wallet_id,
        "member_id": member.pk,
    }


def _why(posting: Any, _at: datetime) -> Mapping[str, object]:
    programme = Programme.objects.get(pk=posting.programme_id)
    return {"reason": queries.explanations([posting.pk], programme=programme)[posting.pk]}


def _reasons(postings: Sequence[Any]) -> dict[int, str]:
    by_programme: dict[int, list[int]] = defaultdict(list)
    for posting in postings:
        by_programme[posting.programme_id].append(posting.pk)
    programmes = Programme.objects.in_bulk(by_programme)
    return {
        posting_id: reason.sentence
        for programme_id, posting_ids in by_programme.items()
        for posting_id, reason in queries.explanations(posting_ids, programme=programmes[programme_id]).items()
    }


def _decision(order: Any, _at: datetime) -> Mapping[str, object] | None:
    answer = answers_of([order.pk]).get(order.pk)
    if answer is None:
        return None
    money = queries.money_of(Programme.objects.get(pk=order.programme_id))
    taken_back = ledger.clawed_back([item.posting_id for item in answer.earned])
    return {
        "earned": [
            (item, grant_sentence(item.grant, money, decimals=item.unit_decimals), taken_back.get(item.posting_id, 0))
            for item in answer.earned
        ],
        "refused": [rejection_sentence(rejection, money) for rejection in answer.decision.rejections],
    }


def _of_event(event: Any, _at: datetime) -> Mapping[str, object] | None:
    answer = event_answers_of([event.pk]).get(event.pk)
    if answer is None:
        return None
    money = queries.money_of(Programme.objects.get(pk=event.programme_id))
    about = types_of(event.programme_id)[event.type]
    return {
        "earned": [
            (item, grant_sentence(item.grant, money, decimals=item.unit_decimals, about=about), 0)
            for item in answer.earned
        ],
        "refused": [rejection_sentence(rejection, money, about) for rejection in answer.decision.rejections],
    }


def _outcomes(events: Sequence[Any]) -> dict[int, str]:
    """For a list of events what each earned, or the first reason why it earned nothing."""
    programmes = Programme.objects.in_bulk({event.programme_id for event in events})
    types = {programme_id: types_of(programme_id) for programme_id in programmes}
    answers = event_answers_of([event.pk for event in events])
    return {
        event.pk: _outcome(
            answers[event.pk], queries.money_of(programmes[event.programme_id]), types[event.programme_id][event.type]
        )
        for event in events
        if event.pk in answers
    }


def _outcome(answer: AcceptedEvent, money: Money, about: DeclaredType) -> str:
    if answer.earned:
        return ", ".join(points(item.grant.granted, item.unit_decimals) for item in answer.earned)
    return next((rejection_sentence(rejection, money, about) for rejection in answer.decision.rejections), "")


def _taken_back(goods_return: Any, _at: datetime) -> Mapping[str, object] | None:
    decision = Decision.objects.filter(order_return=goods_return).first()
    if decision is None:
        return None
    return {
        "parts": msgspec.convert(decision.outcome["taken_back"], list[TakenBack]),
        "back": [
            (item, TENDERS[TenderKind(item.kind)])
            for item in msgspec.convert(decision.outcome.get("paid_back", []), list[PaidBack])
        ],
    }


notes.give("ledger.Posting", _reasons)
notes.give("orders.Event", _outcomes)
panels.add("members.Member", Panel("campaigns/admin/history.html", _history, (Act.SEE_MEMBERS,), Place.MAIN, 10))
panels.add("ledger.Posting", Panel("campaigns/admin/why.html", _why, (Act.SEE_LEDGER,), Place.MAIN, 10))
panels.add("orders.Order", Panel("campaigns/admin/decision.html", _decision, (Act.SEE_ORDERS,), Place.MAIN, 20))
panels.add("orders.Event", Panel("campaigns/admin/decision.html", _of_event, (Act.SEE_ORDERS,), Place.MAIN, 20))
panels.add("orders.Return", Panel("campaigns/admin/taken_back.html", _taken_back, (Act.SEE_ORDERS,), Place.MAIN, 20))
