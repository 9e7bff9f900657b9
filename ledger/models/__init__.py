"""The tables of the books."""

from ledger.models.adjustments import Adjustment, AdjustmentLine
from ledger.models.books import Account, Entry, Hold, HoldLot, Lot, LotUse, Posting, Wallet
from ledger.models.conversions import Conversion, ConversionTerms
from ledger.models.moves import LotOrigin
from ledger.models.nights import NightlyRun, NightlyStep
from ledger.models.payments import PaymentTerms
from ledger.models.pools import PoolMember
from ledger.models.seals import Seal, Sealing, SealPart
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
    "PaymentTerms",
    "PoolMember",
    "Posting",
    "Seal",
    "SealPart",
    "Sealing",
    "Unit",
    "UnitPolicy",
    "Wallet",
]
