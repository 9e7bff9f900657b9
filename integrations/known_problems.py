"""Refusals about what is kept of members: code, title, meaning and remedy; all are 422."""

KNOWN = (
    (
        "attribute_unknown",
        "No such attribute",
        "The programme keeps no attribute of this key about its members.",
        "`known` are the keys there are; others are declared at the desk first.",
    ),
    (
        "attribute_value_invalid",
        "A value of another type",
        "The attribute with this `key` holds values of another type.",
        "`expected` says of which; nothing was changed.",
    ),
    (
        "tag_invalid",
        "That is no tag",
        "A tag is empty, too long, or one too many for the member.",
        "At most 50 tags of at most 40 characters; nothing was changed.",
    ),
)
