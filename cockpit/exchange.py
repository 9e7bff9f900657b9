"""What the member may turn into something else, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cockpit.forms import ExchangeForm
from cockpit.visitor import Visitor
from kernel.wording import number_text
from ledger import queries as ledger
from ledger.queries import ConversionTerms, Unit
from ledger.services import Converted

MOST_CHOICES = 12


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """
    One thing that can be converted: `rate` is the terms, `have` the balance; without a `form` it isn't enough, and
    `missing` says how much.
    """

    id: int
    rate: str
    have: str
    missing: str
    form: ExchangeForm | None


def exchanges_for(visitor: Visitor) -> list[ShownExchange]:
    """What the programme offers its members to convert, those that are possible first."""
    balances = {row.unit.pk: row.spendable for row in ledger.balances_of(visitor.member.wallet_id, at=visitor.at)}
    on_offer = ledger.conversions_offered(visitor.programme.pk)
    shown = [_shown(terms, balances.get(terms.source_unit_id, 0)) for terms in on_offer]
    return sorted(shown, key=lambda item: item.form is None)


def offered(visitor: Visitor, terms_id: int) -> ConversionTerms | None:
    """The terms that a member named; None for those that are not on offer to them."""
    return ledger.conversions_offered(visitor.programme.pk).filter(pk=terms_id).first()


def done_sentence(terms: ConversionTerms, done: Converted) -> str:
    """What happened, for the page after it."""
    return _("%(taken)s became %(given)s.") % {
        "taken": _amount(done.taken, terms.source_unit),
        "given": _amount(done.given, terms.target_unit),
    }


def _shown(terms: ConversionTerms, spendable: int) -> ShownExchange:
    is_possible = spendable >= terms.chunk
    return ShownExchange(
        id=terms.pk,
        rate=_("%(chunk)s become %(gives)s")
        % {"chunk": _amount(terms.chunk, terms.source_unit), "gives": _amount(terms.gives, terms.target_unit)},
        have=_amount(spendable, terms.source_unit),
        missing="" if is_possible else _amount(terms.chunk - spendable, terms.source_unit),
        form=ExchangeForm(choices=list(_choices(terms, spendable)), key=uuid4().hex) if is_possible else None,
    )


def _choices(terms: ConversionTerms, spendable: int) -> Iterator[tuple[int, str]]:
    """The largest amount first, since most want that, then the smaller ones."""
    most = spendable // terms.chunk
    for chunks in [most, *range(1, min(most, MOST_CHOICES))]:
        facts = {
            "taken": _amount(chunks * terms.chunk, terms.source_unit),
            "given": _amount(chunks * terms.gives, terms.target_unit),
        }
        yield chunks, _("%(taken)s for %(given)s") % facts


def _amount(amount: int, unit: Unit) -> str:
    number = number_text(amount, decimals=unit.decimals, language=get_language() or "en")
    return f"{number} {unit.symbol or unit.name}"
