"""Who and what counter tests are about: Eva serves at a bakery's till, Ada is its customer."""

from datetime import UTC, datetime, timedelta

from django.test import Client

from ledger import queries as ledger_queries
from ledger import services as ledger
from ledger.services import Accrual
from members import services as members
from members import visits
from members.card import mint_tokens
from members.models import Member, Visit
from members.visits import Till
from rewards import queries as rewards
from rewards.models import Redemption, Reward
from rewards.services import reserve
from shops import services as shops
from shops.models import Programme, Shop, StaffRole, User

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def a_programme(key: str = "bakery") -> Programme:
    programme = Programme.objects.create(key=key, name=key.title(), time_zone="Europe/Berlin")
    ledger.open_programme_books(programme_id=programme.pk)
    return programme


def a_shop(programme: Programme, code: str = "market-square") -> Shop:
    return Shop.objects.create(programme=programme, code=code, name=code.replace("-", " ").title())


def somebody(name: str, shop: Shop, role: StaffRole.Role = StaffRole.Role.CASHIER) -> User:
    user = User.objects.create_user(f"{name.lower()}@{shop.programme.key}.example", PASSWORD, name=f"{name} Example")
    shops.grant_role(user=user, programme=shop.programme, role=role, shop=shop)
    return user


def a_till(shop: Shop, staff: User, name: str = "Till 1") -> Till:
    till, _ = a_till_with_secret(shop, staff, name)
    return till


def a_till_with_secret(shop: Shop, staff: User, name: str = "Till 1") -> tuple[Till, str]:
    """A till, and what its browser keeps in a cookie."""
    device, secret = shops.enrol_device(shop=shop, name=name, by=staff, at=NOON - timedelta(days=30))
    return Till(device=device, staff=staff), secret


def at_the_till(till: Till, secret: str) -> Client:
    """The till's browser, in which its person has signed in."""
    client = Client()
    client.force_login(till.staff, "django.contrib.auth.backends.ModelBackend")
    client.cookies["till"] = secret
    return client


def a_member(
    programme: Programme, name: str = "Ada Lovelace", points: int = 0, *, until: datetime | None = None
) -> Member:
    member = members.enrol(programme=programme, at=NOON - timedelta(days=60), name=name)
    if points:
        earn(member, points, until=until)
    return member


def earn(member: Member, points: int, *, until: datetime | None = None) -> None:
    at = NOON - timedelta(days=50)
    accrual = Accrual(
        wallet_id=member.wallet_id,
        unit_id=ledger_queries.unit_of(member.programme_id, "points").pk,
        amount=points,
        source="test",
        reference=f"{member.pk}:{points}:{until}",
        occurred_at=at,
        active_from=at,
        expires_at=until,
    )
    ledger.accrue(programme_id=member.programme_id, accruals=[accrual], actor="test")


def a_reward(programme: Programme, key: str = "coffee", price: int = 300, stock: int | None = 5) -> Reward:
    return Reward.objects.create(
        programme=programme,
        key=key,
        name=key.title(),
        unit=ledger_queries.unit_of(programme.pk, "points"),
        price=price,
        stock=stock,
    )


def shown_card(member: Member, at: datetime = NOON) -> str:
    """The text of the code on the member's screen."""
    return mint_tokens(member=member, programme=member.programme, at=at)[0].text


def scan(member: Member, till: Till, at: datetime = NOON, nonce: str = "scan 1") -> Visit:
    return visits.open_visit(token=shown_card(member, at), till=till, nonce=nonce, at=at)


def ask_for(
    member: Member, till: Till, reward: str = "coffee", at: datetime = NOON, key: str = "press 1", nonce: str = "scan 1"
) -> Redemption:
    """Scan the member and reserve a reward."""
    return reserve(visit_id=scan(member, till, at, nonce).pk, reward_key=reward, till=till, key=key, at=at)


def balance(member: Member, at: datetime = NOON) -> int:
    return ledger_queries.spendable(member.wallet_id, ledger_queries.unit_of(member.programme_id, "points").pk, at=at)


def number_shown_to(member: Member, at: datetime = NOON) -> str:
    """The six digits on the screen of a member who is asked something."""
    question = rewards.pending_confirmation(member, at=at)
    assert question is not None
    return question.number
