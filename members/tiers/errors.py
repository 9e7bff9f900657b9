"""Why something about tiers can't be."""

from kernel.errors import DomainError


class TiersRefused(DomainError):
    """Something about tiers that can't be. Its subclasses say why."""

    code = "tiers_refused"


class LadderInvalid(TiersRefused):
    """Nobody could stand on such a ladder. Facts: `pointer` into the definition, `problem`, `expected`."""

    code = "ladder_invalid"


class LadderExists(TiersRefused):
    """The programme has a ladder with this key. Facts: `key`."""

    code = "ladder_exists"


class LadderDraftChanged(TiersRefused):
    """The draft is not the one that was seen. Facts: `ladder`, `edited_by`."""

    code = "ladder_draft_changed"


class NoLadderDraft(TiersRefused):
    """There is no draft. Facts: `ladder`."""

    code = "no_ladder_draft"


class LadderBeginsTooEarly(TiersRefused):
    """A version begins neither in the past nor before its predecessor. Facts: `effective_from`, `earliest`."""

    code = "ladder_begins_too_early"


class LadderNotLive(TiersRefused):
    """No version of the ladder is in force. Facts: `ladder`."""

    code = "ladder_not_live"


class TierUnknown(TiersRefused):
    """The ladder has no such tier. Facts: `ladder`, `tier`."""

    code = "tier_unknown"


class LadderUnknown(TiersRefused):
    """The programme has no such ladder. Facts: `ladder`."""

    code = "ladder_unknown"


class GrantEndInvalid(TiersRefused):
    """A grant ends after it begins, and within a hundred years. Facts: `until`."""

    code = "grant_end_invalid"


class GrantUnknown(TiersRefused):
    """There is no such grant in force. Facts: `grant`, an id."""

    code = "grant_unknown"


class ChallengeNotOffered(TiersRefused):
    """The ladder has no challenge, or the member holds its tier already. Facts: `ladder`."""

    code = "challenge_not_offered"


class ChallengeTooSoon(TiersRefused):
    """The member had a challenge lately. Facts: `until`, from when there may be another one."""

    code = "challenge_too_soon"
