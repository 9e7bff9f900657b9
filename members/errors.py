"""Why the members' room refuses."""

from datetime import datetime

from kernel.errors import DomainError


class MemberExists(DomainError):
    """Somebody with this sign-in, address or identifier is a member already. Facts: what was taken."""

    code = "member_exists"


class MemberUnknown(DomainError):
    """No member answers to this number or identifier. Facts: what was asked."""

    code = "member_unknown"


class BirthdayInvalid(DomainError):
    """There is no such day in any year. Facts: `month` and `day`."""

    code = "birthday_invalid"


class BirthdayJustTold(DomainError):
    """The member told another birthday less than a year ago. Facts: `changeable_from`."""

    code = "birthday_just_told"

    def __init__(self, *, changeable_from: datetime) -> None:
        super().__init__(changeable_from=changeable_from)
        self.changeable_from = changeable_from


class MemberBlocked(DomainError):
    """The member is blocked: nobody can open a visit. Facts: `member`, the number."""

    code = "member_blocked"


class CardRefused(DomainError):
    """The code shown is not a member's code of this programme and this moment. Its subclasses say why."""

    code = "card_refused"


class CardMalformed(CardRefused):
    """Not the length, the beginning or the letters of a member's code."""

    code = "card_malformed"


class CardKeyUnknown(CardRefused):
    """Signed with a key that is not, or no longer, in use. Facts: `key_id`."""

    code = "card_key_unknown"


class CardForged(CardRefused):
    """The signature is wrong: made up, damaged, or of another programme."""

    code = "card_forged"


class CardForOtherPurpose(CardRefused):
    """Signed by us, for something else or in another version. Facts: `purpose`."""

    code = "card_for_other_purpose"


class CardOutdated(CardRefused):
    """Shown too late, as a screenshot is, or ahead of its time. Facts: `step` of the code and `current` step."""

    code = "card_outdated"


class CardUsed(CardRefused):
    """The code opened a visit before. Facts: `visit` and `device`, ids, `used_at`, `shop` and `staff`, their names."""

    code = "card_used"


class NonceReused(DomainError):
    """This device used the nonce for another customer before. Facts: `nonce`."""

    code = "nonce_reused"


class OwnAccount(DomainError):
    """Nobody serves themselves. Facts: `member`, the number."""

    code = "own_account"


class NumberMistyped(DomainError):
    """Not twelve digits, or the check digit is wrong. Facts: `number` as typed."""

    code = "number_mistyped"


class TypedNumbersUsedUp(DomainError):
    """The shop typed as many member numbers today as it may. Facts: `limit`."""

    code = "typed_numbers_used_up"


class VisitClosed(DomainError):
    """The visit is over, or was opened at another device or by somebody else. Facts: `visit`, an id."""

    code = "visit_closed"


class HouseholdRefused(DomainError):
    """Something about a household that can't be. Its subclasses say why."""

    code = "household_refused"


class HouseholdsNotOffered(HouseholdRefused):
    """The programme has no households."""

    code = "households_not_offered"


class HouseholdUnknown(HouseholdRefused):
    """The member is in no household. Facts: `member`, the number."""

    code = "household_unknown"


class InHouseholdAlready(HouseholdRefused):
    """Nobody is in two households. Facts: `member`, the number."""

    code = "in_household_already"


class HouseholdFull(HouseholdRefused):
    """No more may join, or be asked to. Facts: `limit`."""

    code = "household_full"


class HouseholdTooSoon(HouseholdRefused):
    """Who left a household waits before the next. Facts: `member`, the number, and `until`."""

    code = "household_too_soon"


class InvitationUnknown(HouseholdRefused):
    """There is no such open invitation, or not any more. Facts: `invitation`, an id."""

    code = "invitation_unknown"


class NotHead(HouseholdRefused):
    """Only the head of the household does this. Facts: `member`, the number."""

    code = "not_head_of_household"


class HeadStays(HouseholdRefused):
    """The head leaves only after handing over, or by dissolving the household. Facts: `member`, the number."""

    code = "head_stays"


class MayNotSpend(HouseholdRefused):
    """A contributor gives to the household and does not spend. Facts: `member`, the number."""

    code = "may_not_spend_for_household"


class UnitNotPooled(HouseholdRefused):
    """Households of this programme do not pool this unit. Facts: `unit`, its code."""

    code = "unit_not_pooled"


class ShareNotPercent(HouseholdRefused):
    """An automatic share is 0 to 100 per cent. Facts: `share`."""

    code = "share_not_percent"


class AttributeUnknown(DomainError):
    """The programme keeps no such attribute of members. Facts: `key`, `known`."""

    code = "attribute_unknown"


class AttributeValueInvalid(DomainError):
    """A value is none of its attribute's type. Facts: `key`, `expected`."""

    code = "attribute_value_invalid"


class SegmentInvalid(DomainError):
    """A segment's name or key can't be, or the key is taken. Facts: `key`, `name`, `problems`."""

    code = "segment_invalid"


class TagInvalid(DomainError):
    """A tag is empty, too long, or one too many. Facts: `tag`, or `most`."""

    code = "tag_invalid"
