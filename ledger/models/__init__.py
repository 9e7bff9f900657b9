"""The tables of the books."""

from ledger.models.adjustments import Adjustment, AdjustmentLine
from ledger.models.books import Account, Entry, Hold, HoldLot, Lot, LotUse, Posting, Wallet
from ledger.models.conversions import Conversion, ConversionTerms
from ledger.models.moves import LotOrigin
from ledger.models.nights import NightlyRun, NightlyStep
from ledger.models.payments import PaymentTerms
from ledger.models.pools import PoolMember
from ledger.models.purchases import PaymentNotice, Purchase, PurchaseTerms
from ledger.models.seals import Seal, Sealing, SealPart
from ledger.models.transfers import Transfer, TransferTerms
from ledger.models.units import Unit, UnitPolicy

__all__ = [
    "Account",
    "Adjustment",
    "AdjustmentLine",
    "Conversion",
    "ConversionTerms",
    "Entry",
    "Hold",
    "HoldLot",
    "Lot",
    "LotOrigin",
    "LotUse",
    "NightlyRun",
    "NightlyStep",
    "PaymentNotice",
    "PaymentTerms",
    "PoolMember",
    "Posting",
    "Purchase",
    "PurchaseTerms",
    "Seal",
    "SealPart",
    "Sealing",
    "Transfer",
    "TransferTerms",
    "Unit",
    "UnitPolicy",
    "Wallet",
]
