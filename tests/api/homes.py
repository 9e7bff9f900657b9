"""For each operation on households and tiers one of its own: what one did would else be in the way of the next."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from integrations.api.tier_examples import PAID_TIER_BODY
from ledger.queries import unit_of
from members.households import services as households
from members.models import Member
from members.tiers.definitions import Challenge, Quota
from shops.models import Programme
from tests.integrations.shopkeepers import a_member
from tests.ledger.books import TestWallet
from tests.members import families
from tests.members.tiers.people import a_ladder


@dataclass(frozen=True)
class Asked:
    """A request that would be granted."""

    parameters: dict[str, Any]
    body: dict[str, Any]


class Street:
    """A programme's families."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._people = 0
        families.offered(programme)

    def somebody(self) -> Member:
        self._people += 1
        return a_member(self._programme, f"neighbour {self._people}")

    def home(self, **body: Any) -> tuple[Asked, Member]:
        """A request of the head of a new household."""
        head = self.somebody()
        TestWallet(head.wallet_id, unit_of(self._programme.pk, "points")).earn(500, at=timezone.now())
        home = families.founded(head, at=timezone.now())
        return Asked({"household_id": home.pk}, {"customer": head.number, **body}), head

    def of_two(self, *, by_other: bool = False, **body: Any) -> Asked:
        """A request about somebody who lives with the head, or theirs."""
        asked, head = self.home(**body)
        other = self.somebody()
        families.joined(head, other, at=timezone.now())
        who = {"customer": other.number} if by_other else {"member": other.number}
        return Asked(asked.parameters, asked.body | who)

    def invited(self) -> Asked:
        _asked, head = self.home()
        guest = self.somebody()
        place = households.invite(by=head, number=guest.number, role="ADULT", at=timezone.now())
        return Asked({"invitation_id": place.pk}, {"customer": guest.number})


def requests_about_homes(programme: Programme) -> dict[str, Asked]:
    """By the id of the operation."""
    street = Street(programme)
    a_ladder(programme, at=timezone.now(), challenge=Challenge("gold", 30, Quota("points:points", 100_000)))
    _asked, head = street.home()
    gift = {"source": "webshop", "reference": "gift-12", "unit": "points", "amount": "100"}
    return {
        "read_household_of_member": Asked({"number": head.number}, {}),
        "found_household": Asked({}, {"customer": street.somebody().number, "name": "The Lovelaces"}),
        "read_household": street.home()[0],
        "invite_to_household": street.home(member=street.somebody().number, role="contributor")[0],
        "accept_household_invitation": street.invited(),
        "decline_household_invitation": street.invited(),
        "contribute_to_household": street.home(**gift)[0],
        "leave_household": street.of_two(by_other=True),
        "remove_from_household": street.of_two(),
        "change_household_role": street.of_two(role="contributor"),
        "set_household_share": street.home(percent=25)[0],
        "start_tier_challenge": Asked({}, {"customer": street.somebody().number, "ladder": "club"}),
        "grant_paid_tier": Asked({}, PAID_TIER_BODY | {"customer": street.somebody().number}),
        "dissolve_household": street.home()[0],
    }
