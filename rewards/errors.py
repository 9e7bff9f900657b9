"""Why the rewards' room refuses."""

from kernel.errors import DomainError


class NotOffered(DomainError):
    """The programme has no such reward on offer. Facts: `reward`, the key asked for."""

    code = "reward_not_offered"


class OutOfStock(DomainError):
    """The last piece is gone or reserved. Facts: `reward`, its key."""

    code = "reward_out_of_stock"


class NotEnough(DomainError):
    """The wallet can't pay the price. Facts: `required` and `spendable`, in minor units of the reward's unit."""

    code = "not_enough_points"


class CardNotShown(DomainError):
    """The member was identified by a typed number, which is not enough to spend. Facts: `visit`, an id."""

    code = "card_not_shown"


class AnotherWaiting(DomainError):
    """The member is asked about another redemption already. Facts: `redemption`, its id."""

    code = "another_redemption_waiting"


class KeyReused(DomainError):
    """The key stands for another redemption; nothing was written. Facts: `key`."""

    code = "redemption_key_reused"


class RedemptionUnknown(DomainError):
    """There is no such redemption for the one who asks. Facts: `redemption`, the id asked for."""

    code = "redemption_unknown"


class RedemptionClosed(DomainError):
    """It is too late for that: the redemption is in `state` by now. Facts: `redemption`, its id, and `state`."""

    code = "redemption_closed"


class WrongNumber(DomainError):
    """It is not the number the customer sees. Facts: `tries_left`."""

    code = "wrong_confirmation_number"


class NumberTriesUsedUp(DomainError):
    """Five wrong numbers: only the customer's own screen can say yes now. Facts: `limit`."""

    code = "confirmation_tries_used_up"


class UndoNotAllowed(DomainError):
    """Not served by the one who asks, or too late, and no manager. Facts: `until`, when the cashier's time was over."""

    code = "undo_not_allowed"


class RewardExists(DomainError):
    """The key is taken. Facts: `key`."""

    code = "reward_exists"


class StockMoved(DomainError):
    """Pieces were taken or given back since they were counted. Facts: `stock`, what is left now; None for no limit."""

    code = "stock_moved"


class PaymentNotOffered(DomainError):
    """The unit pays no bill, or not so much of this one. Facts: `reason`, as `ledger.paying` or a quote gives it."""

    code = "payment_not_offered"
