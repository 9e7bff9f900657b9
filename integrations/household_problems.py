"""Refusals about households: code, title, meaning and remedy, as `integrations.problems` has them; all are 422."""

HOUSEHOLDS = (
    (
        "households_not_offered",
        "No households",
        "The programme does not offer households, or not any more.",
        "Have the programme's team offer them, or leave this out.",
    ),
    (
        "household_unknown",
        "Not in this household",
        "The member is in no household, or not in this one.",
        "Read `/members/{number}/household` to see where a member is.",
    ),
    (
        "in_household_already",
        "In a household already",
        "Nobody is in two households, and nobody is invited to their own.",
        "The member leaves the other one first.",
    ),
    (
        "household_full",
        "The household is full",
        "As many are in the household, or invited, as the programme allows.",
        "`limit` is how many may be in it: remove somebody, or withdraw an invitation.",
    ),
    (
        "household_too_soon",
        "Too soon after the last one",
        "Who left a household waits before the next one.",
        "Try again at `until`.",
    ),
    (
        "invitation_unknown",
        "No such invitation",
        "The invitation is another member's, was answered or withdrawn, or its time is over.",
        "Have the head invite the member again.",
    ),
    (
        "not_head_of_household",
        "Only for the head",
        "Only the head of the household does this.",
        "Name the head as `customer`.",
    ),
    (
        "head_stays",
        "The head stays",
        "The head leaves only after handing over, and hands over only to somebody else.",
        "Make somebody else the head first, or dissolve the household.",
    ),
    (
        "may_not_spend_for_household",
        "May not spend",
        "A contributor gives to the household and does not spend its points.",
        "Use the member's own wallet, or have the head make them an adult.",
    ),
    (
        "unit_not_pooled",
        "Not pooled",
        "Households of the programme do not pool this unit.",
        "Give another unit.",
    ),
    (
        "not_of_pool",
        "Not in the household any more",
        "The member left the household meanwhile.",
        "Read `/members/{number}/household` again.",
    ),
)
