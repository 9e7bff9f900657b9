"""Who sits at the desk in these tests."""

from tests.admin.adjusting_cast import approver, avery, form, request_of_sami, sami, support, unit
from tests.admin.cast import desk, grocer, mara, olive, owners_desk
from tests.campaigns.cast import ada, standing

__all__ = [
    "ada",
    "approver",
    "avery",
    "desk",
    "form",
    "grocer",
    "mara",
    "olive",
    "owners_desk",
    "request_of_sami",
    "sami",
    "standing",
    "support",
    "unit",
]
