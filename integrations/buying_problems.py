"""Refusals about buying: a part of the table of all problems."""

from integrations.problem_kind import Kind

BUYING = (
    Kind(
        "purchase_unknown",
        404,
        "No such purchase",
        "No purchase of your key's programme has this id, or is known to be paid by this payment.",
        "Ask for the purchase first, or name its id in the notice. The notice may come again.",
    ),
    Kind(
        "price_changed",
        409,
        "It costs something else by now",
        "The price is not the one that the customer saw. Nothing was asked for.",
        "Show the customer `total`, and ask again.",
    ),
    Kind(
        "purchase_not_open",
        409,
        "The purchase has ended",
        "The purchase was cancelled, or nobody paid in time. Nothing changed.",
        "`state` says how it ended. Let the payment go, or give the money back, and ask for a new purchase.",
    ),
    Kind(
        "purchase_captured",
        409,
        "The purchase is paid",
        "A purchase that is paid can't be cancelled. Nothing changed.",
        "Refund it.",
    ),
    Kind(
        "purchase_not_captured",
        409,
        "The purchase is not paid",
        "Money was said to go back that never came. Nothing changed.",
        "Send the notice of the payment first, then this one again.",
    ),
    Kind(
        "payment_contradicted",
        409,
        "Another payment",
        "The purchase is paid by another payment, or this payment pays for another purchase. Nothing changed.",
        "Check which purchase the payment is for; a second payment has to be given back.",
    ),
    Kind(
        "notice_reused",
        409,
        "The notice stands for another one",
        "The provider said something else under the same name before. Nothing changed.",
        "Pass notices on unchanged, under the provider's own ids.",
    ),
    Kind(
        "purchase_not_offered",
        422,
        "Not for sale",
        "Members of the programme can't buy this unit.",
        "Marketers put units on sale at the desk.",
    ),
    Kind(
        "purchase_amount_refused",
        422,
        "Not in this amount",
        "Nobody can buy this amount at once: `reason` is `below_minimum`, `off_step` or `above_maximum`.",
        "Ask for `minimum` to `maximum` in steps of `step`.",
    ),
    Kind(
        "purchase_limit_reached",
        422,
        "Enough bought this year",
        "The member would buy more in the calendar year than they may.",
        "`left` is what they can still buy. Give back money that came for more.",
    ),
    Kind(
        "purchases_waiting",
        422,
        "Too many purchases wait",
        "As many purchases of the member wait for their payment as may.",
        "Capture or cancel one of them, or wait until it ends by itself.",
    ),
    Kind(
        "payment_mismatch",
        422,
        "Not the money of this purchase",
        "The amount or the currency is not that of the purchase, or the payment is older than it. Nothing changed.",
        "`total` and `currency` are what it costs. Give other money back.",
    ),
    Kind(
        "refund_not_whole",
        422,
        "Only as a whole",
        "Only stored value goes back in parts. Nothing changed.",
        "Refund the whole `total`.",
    ),
    Kind(
        "withdrawal_refused",
        422,
        "Not to be withdrawn",
        "The member can't withdraw: `reason` is `no_withdrawal`, `withdrawal_over` or `withdrawal_used`.",
        "A refund that the shop decides on takes back what is there, and leaves the rest as arrears.",
    ),
)
