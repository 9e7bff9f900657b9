"""The tier of a member as a word of conditions: `tier.` and the key of a ladder."""

from collections import defaultdict

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import MEMBER, Expression, Field, FieldType, looked_up
from members.tiers.definitions import read
from members.tiers.models import LadderVersion, TierLadder

PREFIX = "tier."
# As `members_tiers_at` says it: by the stays alone.
_TIER = """(SELECT stay.tier FROM members_tierstay stay JOIN members_tierladder ladder ON ladder.id = stay.ladder_id
 WHERE stay.member_id = member.id AND ladder.programme_id = member.programme_id AND ladder.key = %s
   AND stay.since <= asked.at AND (stay.ended_at IS NULL OR stay.ended_at > asked.at))"""


def declare() -> None:
    """Give the condition language the ladders of programmes; called while the app starts."""
    MEMBER.declare_by_programme(PREFIX, _words)


def _words(programme_id: int) -> dict[str, Field]:
    tiers = _tiers(programme_id)
    words = [_word(ladder, tiers[ladder.pk]) for ladder in TierLadder.objects.filter(pk__in=tiers).order_by("pk")]
    return {word.name: word for word in words}


def _tiers(programme_id: int) -> dict[int, dict[str, str]]:
    """The tiers that each published ladder has or had: rules go on that speak of one that is gone."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    published = LadderVersion.objects.filter(ladder__programme=programme_id, state=LadderVersion.State.PUBLISHED)
    for version in published.order_by("number"):
        found[version.ladder_id] |= {tier.key: tier.name for tier in read(version.definition).tiers}
    return found


def _word(ladder: TierLadder, tiers: dict[str, str]) -> Field:
    label = format_lazy("{} ({})", _("the tier"), ladder.name)
    return looked_up(
        f"{PREFIX}{ladder.key}", FieldType.TEXT, label, Expression(_TIER, (ladder.key,)), tuple(tiers.items())
    )
