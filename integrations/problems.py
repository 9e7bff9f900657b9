"""
Every refusal a machine can meet, in one table: its HTTP status, what it means and what to do.

The API's answers (RFC 9457), the pages behind their `type` and docs/api.md all read it.
"""

from dataclasses import dataclass

from integrations.household_problems import HOUSEHOLDS


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `title` is the same in every case; `meaning` and `remedy` are for the documentation."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str


_KINDS = (
    Kind(
        "malformed",
        400,
        "The body is not JSON",
        "The body can't be read as JSON in UTF-8.",
        "Send one JSON object, encoded as UTF-8.",
    ),
    Kind(
        "invalid",
        400,
        "The request does not fit the document",
        "The body, a parameter or a header is not as the OpenAPI document describes it.",
        "`errors` names every place (a JSON pointer, or the parameter) and what was expected there.",
    ),
    Kind(
        "key_missing",
        401,
        "No key was sent",
        "The request carries no `Authorization` header with an API key.",
        "Send `Authorization: Bearer sk_…`.",
    ),
    Kind(
        "key_invalid",
        401,
        "The key opens nothing",
        "The API key is unknown, was revoked, or its time is over.",
        "Check for a copying mistake, or have a new key made.",
    ),
    Kind(
        "scope_missing",
        403,
        "The key may not do this",
        "The API key is valid and was not given the scope that this operation needs.",
        "Use a key with the scope named in `scope`, or have one made.",
    ),
    Kind(
        "https_required",
        403,
        "Only over https",
        "The request came unencrypted, so its key could have been read on the way.",
        "Use the https address; have the key revoked and a new one made.",
    ),
    Kind(
        "not_found",
        404,
        "Not here",
        "There is nothing at this address, or nothing that belongs to the programme of your key.",
        "Check the address and the id; ids of another programme look like unknown ones.",
    ),
    Kind(
        "member_unknown",
        404,
        "No such member",
        "No member of your key's programme has this number or identifier.",
        "Check the number's check digit, or look the member up by your own identifier.",
    ),
    Kind(
        "method_not_allowed",
        405,
        "Not with this method",
        "The address exists and does not know this HTTP method.",
        "Use one of the methods in the `Allow` header.",
    ),
    Kind(
        "not_acceptable",
        406,
        "Only JSON is spoken here",
        "The `Accept` header excludes `application/json`.",
        "Accept `application/json`, or leave the header out.",
    ),
    Kind(
        "order_contradicted",
        409,
        "This order is known with another content",
        "An order with the same source and reference was accepted before, with a different content. Nothing changed.",
        "Orders are facts and never edited: report a return, or give a new purchase its own reference.",
    ),
    Kind(
        "return_contradicted",
        409,
        "This return is known with another content",
        "A return with the same source and reference was accepted before, with a different content. Nothing changed.",
        "Give a new return its own reference.",
    ),
    Kind(
        "reference_reused",
        409,
        "The reference stands for another request",
        "A request with the same source and reference asked for something else before. Nothing changed.",
        "Give a new request its own reference.",
    ),
    Kind(
        "delivery_contradicted",
        409,
        "This order is known to have arrived at another time",
        "The order was reported as delivered before, at another time. Nothing changed.",
        "An order arrives once: leave the first report as it is.",
    ),
    Kind(
        "hold_not_open",
        409,
        "The hold has ended",
        "The hold was captured or released, or its time is over. Nothing changed.",
        "`state` and `closed_at` say how and when it ended. Hold the points anew, or give captured ones back.",
    ),
    Kind(
        "reference_reused",
        409,
        "The reference stands for something else",
        "The reference was used before for another member, unit or amount. Nothing changed.",
        "Give each hold and each refund its own reference; repeat a request unchanged.",
    ),
    Kind(
        "operation_in_progress",
        409,
        "The first request is still at work",
        "A request with the same `Idempotency-Key` has not ended yet.",
        "Wait for the seconds in `Retry-After` and send the same request again.",
    ),
    Kind(
        "body_too_large",
        413,
        "The body is too large",
        "The body is larger than one mebibyte.",
        "Send less at once.",
    ),
    Kind(
        "unsupported_media_type",
        415,
        "Only JSON is read here",
        "The body's `Content-Type` is not `application/json`.",
        "Send JSON and say so in `Content-Type`.",
    ),
    Kind(
        "order_invalid",
        422,
        "The order makes no sense",
        "The order is well-formed and its content contradicts itself, the programme or the shop.",
        "`errors` names the place and what was expected there. Nothing was changed.",
    ),
    Kind(
        "order_unknown",
        422,
        "No such order",
        "The return or delivery names an order that was never reported by this source.",
        "Report the order first. A return may leave `order_reference` out to match the customer's earlier purchases.",
    ),
    Kind(
        "delivered_before_ordered",
        422,
        "It arrived before it was bought",
        "The time of the delivery is before the time of the purchase.",
        "Check the offset of `delivered_at`; the order's own time is in `placed_at`.",
    ),
    Kind(
        "line_unknown",
        422,
        "The order has no such line",
        "The return names a line number that the order does not have.",
        "Lines are numbered from 1 in the sequence in which the order was sent.",
    ),
    Kind(
        "period_invalid",
        422,
        "The period makes no sense",
        "The last day is before the first, or one of them is beyond what a calendar knows.",
        "Ask for a `since` that is not behind `until`.",
    ),
    Kind(
        "unit_unknown",
        422,
        "No such unit",
        "Your key's programme has no unit with this code.",
        "Read a wallet to see the codes of all units.",
    ),
    Kind(
        "adjustment_invalid",
        422,
        "The adjustment makes no sense",
        "The request is well-formed, and its amount or last day does not fit the unit or the calendar.",
        "`errors` names the place and what was expected there. Nothing was asked for.",
    ),
    Kind(
        "adjustment_incomplete",
        422,
        "Nothing the member could read",
        "The text that the member will read is empty.",
        "Say in `text` why the points are adjusted.",
    ),
    Kind(
        "adjustment_line_overdue",
        422,
        "It would have expired already",
        "What would be added expires before it could be spent.",
        "Choose a later `last_day`, or leave it out.",
    ),
    Kind(
        "adjustment_limit_reached",
        422,
        "Too much was asked for within 24 hours",
        "The programme limits what one requester may ask for within 24 hours, plus and minus added up.",
        "`facts` names the limit, what is used of it and what was asked. Wait, or have the limit raised.",
    ),
    Kind(
        "unit_not_spendable",
        422,
        "Not to be spent",
        "Amounts of this unit count towards something, such as a tier, and buy nothing.",
        "Spend another unit; a quote names those that pay.",
    ),
    Kind(
        "amount_invalid",
        422,
        "No such amount",
        "The amount is nothing, or has more decimal places than the unit.",
        "Send an amount above 0 with at most `decimals` places.",
    ),
    Kind(
        "insufficient_points",
        422,
        "Not enough points",
        "More was asked for than the member can spend now.",
        "`spendable` is what there is: ask for at most that.",
    ),
    Kind(
        "conversion_not_offered",
        422,
        "Not to be exchanged",
        "Members of the programme can't turn the one unit into the other.",
        "Read `/exchanges` to see what can be exchanged.",
    ),
    Kind(
        "amount_above_hold",
        422,
        "More than was held",
        "More was to be captured than the hold keeps.",
        "Capture at most `reserved`.",
    ),
    Kind(
        "refund_above_spent",
        422,
        "More than was captured",
        "More was to be given back than was captured and not given back yet.",
        "`left` is what can still be given back.",
    ),
    *(Kind(code, 422, *told) for code, *told in HOUSEHOLDS),
    Kind(
        "member_blocked",
        422,
        "The member is blocked",
        "A blocked member can't spend.",
        "Have the programme's customer service look into it.",
    ),
    Kind(
        "own_account",
        422,
        "Nobody adjusts their own points",
        "The member is the person who answers for this key.",
        "Have somebody else ask.",
    ),
    Kind(
        "return_exceeds_sale",
        422,
        "More comes back than was sold",
        "Together with earlier returns, more of a line would come back than was sold.",
        "Check for a return that was reported already under another reference.",
    ),
    Kind(
        "idempotency_key_reused",
        422,
        "The Idempotency-Key stands for another request",
        "The same `Idempotency-Key` was used for a different operation or body.",
        "Use a new key for each new operation; repeat a request unchanged.",
    ),
    Kind(
        "target_refused",
        422,
        "No webhook may go there",
        "Webhooks go to public addresses over https only.",
        "Use an address that the internet can reach.",
    ),
    Kind(
        "event_type_unknown",
        422,
        "No such event",
        "There is no event of this type.",
        "The event catalogue lists all types.",
    ),
    Kind(
        "refused",
        422,
        "Refused",
        "The request was understood and a rule of the programme forbids it.",
        "`detail` says why.",
    ),
    Kind(
        "rate_exceeded",
        429,
        "Too many requests",
        "The key used up its requests of this minute.",
        "Wait for the seconds in `Retry-After`; watch `RateLimit` to slow down in time.",
    ),
    Kind(
        "internal",
        500,
        "Our mistake",
        "Something went wrong that should not have. It was logged under `request_id`.",
        "Send the same request again later: with the same `Idempotency-Key` or reference it can't happen twice.",
    ),
    Kind(
        "unavailable",
        503,
        "Not just now",
        "The database did not answer in time.",
        "Send the same request again after the seconds in `Retry-After`: it can't happen twice.",
    ),
)

KINDS: dict[str, Kind] = {kind.code: kind for kind in _KINDS}


def kind_of(code: str) -> Kind:
    """The kind for a code; a refusal that no row knows is a plain `refused`."""
    return KINDS.get(code, KINDS["refused"])
