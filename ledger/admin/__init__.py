"""The books for the desk. They know wallets and not whose they are; rooms above add that."""

from ledger.admin.conversions import ConversionTermsAdmin
from ledger.admin.nights import NightlyRunAdmin
from ledger.admin.postings import PostingAdmin
from ledger.admin.seals import SealAdmin
from ledger.admin.units import UnitAdmin

__all__ = ["ConversionTermsAdmin", "NightlyRunAdmin", "PostingAdmin", "SealAdmin", "UnitAdmin"]
