"""The terms of transfers in words of the active language."""

from collections.abc import Iterator

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.wording import number_text
from ledger.models import Unit
from ledger.sending import TransferRules


def amount_text(amount: int, unit: Unit) -> str:
    """An amount with its unit: "1,250 Points"."""
    number = number_text(amount, decimals=unit.decimals, language=get_language() or "en")
    return f"{number} {unit.symbol or unit.name}"


def bounds_sentence(rules: TransferRules, unit: Unit) -> str:
    """What one transfer may be."""
    facts = {
        "least": amount_text(rules.least, unit),
        "most": amount_text(rules.maximum, unit) if rules.maximum is not None else "",
        "step": amount_text(rules.step, unit),
    }
    if rules.maximum is None:
        said = _("At least %(least)s.") if rules.step == 1 else _("At least %(least)s, in steps of %(step)s.")
    elif rules.step == 1:
        said = _("From %(least)s to %(most)s.")
    else:
        said = _("From %(least)s to %(most)s, in steps of %(step)s.")
    return said % facts


def fee_sentence(rules: TransferRules, unit: Unit) -> str:
    """What it costs the sender; empty where it costs nothing."""
    share = number_text(rules.fee_permille, decimals=1, language=get_language() or "en")
    facts = {"fixed": amount_text(rules.fee_fixed, unit), "share": share}
    if rules.fee_fixed and rules.fee_permille:
        return _("Fee: %(fixed)s and %(share)s %% of the amount.") % facts
    if rules.fee_permille:
        return _("Fee: %(share)s %% of the amount.") % facts
    return _("Fee: %(fixed)s.") % facts if rules.fee_fixed else ""


def terms_sentences(rules: TransferRules, unit: Unit) -> Iterator[str]:
    """All terms, for those who set them."""
    yield bounds_sentence(rules, unit)
    yield fee_sentence(rules, unit) or _("It costs nothing.")
    if rules.sent_monthly is not None:
        yield _("A member sends at most %(amount)s in a month.") % {"amount": amount_text(rules.sent_monthly, unit)}
    if rules.received_monthly is not None:
        amount = amount_text(rules.received_monthly, unit)
        yield _("A member receives at most %(amount)s in a month.") % {"amount": amount}
    if rules.made_daily is not None:
        said = ngettext("At most %(count)s transfer a day.", "At most %(count)s transfers a day.", rules.made_daily)
        yield said % {"count": rules.made_daily}
    if rules.needs_acceptance:
        said = ngettext(
            "The receiver has %(days)s day to accept.",
            "The receiver has %(days)s days to accept.",
            rules.days_to_accept,
        )
        yield said % {"days": rules.days_to_accept}
    else:
        yield _("It is the receiver's at once.")
