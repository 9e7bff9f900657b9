"""Who works and shops in the demo."""

from dataclasses import dataclass

from shops.models import StaffRole

Role = StaffRole.Role

PASSWORD = "points-and-coffee"  # noqa: S105  # printed at every start, and only with DEMO on


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody on the staff; `shop` is the code of the shop for those who work on its floor."""

    email: str
    name: str
    role: Role
    shop: str = ""


MARKETER = Colleague("marketer@demo.example", "Mara Lindqvist", Role.MARKETER)
CASHIER = Colleague("cashier@demo.example", "Casey Okafor", Role.CASHIER, "harbour")
MANAGER = Colleague("manager@demo.example", "Noor Haddad", Role.SHOP_MANAGER, "harbour")
SUPPORT = Colleague("support@demo.example", "Sami Virtanen", Role.SUPPORT)
APPROVER = Colleague("approver@demo.example", "Avery Nilsson", Role.APPROVER)
STAFF = (
    MARKETER,
    CASHIER,
    MANAGER,
    SUPPORT,
    APPROVER,
    Colleague("analyst@demo.example", "Ana Ferreira", Role.ANALYST),
    Colleague("owner@demo.example", "Olive Brandt", Role.OWNER),
)

CUSTOMER_EMAIL = "customer@demo.example"
CUSTOMER_NAME = "Ada Winter"

FIRST_NAMES = (
    "Ben", "Clara", "Deniz", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jonas", "Kadek", "Lena", "Milan", "Nina", "Omar",
    "Paula", "Rania", "Selma", "Tom", "Uma", "Viktor", "Wayan", "Yara", "Zeynep", "Anton",
)  # fmt: skip
LAST_NAMES = (
    "Arslan", "Berg", "Costa", "Dahl", "Engel", "Fuchs", "Gunawan", "Horvat", "Ivanova", "Jansen", "Kaya", "Lopez",
    "Moreau", "Novak", "Pratama", "Quist", "Rossi", "Sari", "Toth", "Ullmann", "Vogel", "Weiss",
)  # fmt: skip
