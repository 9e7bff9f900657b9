"""Refusals about tiers: code, title, meaning and remedy, as `integrations.problems` has them; all are 422."""

TIERS = (
    (
        "ladder_unknown",
        "No such ladder",
        "The programme has no ladder of tiers with this key.",
        "Read `/members/{number}/tiers` to see the ladders that there are.",
    ),
    (
        "ladder_not_live",
        "The ladder is not in force",
        "No version of this ladder has begun.",
        "Have the programme's team publish one.",
    ),
    (
        "tier_unknown",
        "No such tier",
        "The ladder has no tier with this key.",
        "Ask the programme's team for the keys of its tiers.",
    ),
    (
        "grant_end_invalid",
        "The end does not fit",
        "A tier that is paid for ends after it begins, and within a hundred years.",
        "Send an `until` that is still to come, or null for good.",
    ),
    (
        "challenge_not_offered",
        "Nothing to try",
        "The ladder has no challenge, or the member holds its tier already.",
        "Leave the challenge out for this member.",
    ),
    (
        "challenge_too_soon",
        "Too soon after the last one",
        "The member tried a tier lately.",
        "Try again at `until`.",
    ),
)
