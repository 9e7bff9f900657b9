"""System owners look after programmes, shops, devices and who may do what."""

import pytest

from shops import services as shops
from shops.models import Shop, StaffRole, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.campaigns import trade
from tests.cockpit.people import text_of

TOLD = {"name": "Corner shop", "time_zone": "Asia/Jakarta", "colour": "#aa3300", "refund_order": "POINTS_FIRST"}
HIRED = {"email": "New@Grocer.example", "name": "Noor", "role": "CASHIER", "password": PASSWORD}


@pytest.fixture
def shop(grocer):
    return people.counter.a_shop(grocer, "harbour")


def roles_of(email):
    return list(StaffRole.objects.filter(user__email__iexact=email).values_list("role", flat=True))


def test_somebody_new_gets_a_role_and_can_sign_in(owners_desk, shop):
    owners_desk.post("/admin/shops/staffrole/add/", HIRED | {"shop": shop.pk})

    user = User.objects.get(email__iexact="new@grocer.example")
    assert (user.name, user.is_staff, user.check_password(PASSWORD)) == ("Noor", False, True)
    assert [(role.role, role.shop) for role in user.roles.all()] == [("CASHIER", shop)]


def test_a_role_at_the_desk_opens_the_admin(owners_desk):
    owners_desk.post("/admin/shops/staffrole/add/", HIRED | {"role": "ANALYST"})

    newcomer = people.at_the_desk(User.objects.get(email__iexact="new@grocer.example"))
    assert newcomer.get("/admin/orders/order/").status_code == 200


def test_somebody_known_keeps_name_and_password(owners_desk, mara):
    owners_desk.post(
        "/admin/shops/staffrole/add/", HIRED | {"email": mara.email.upper(), "role": "ANALYST", "password": ""}
    )

    mara.refresh_from_db()
    assert (mara.name, mara.check_password(PASSWORD)) == ("Mara", True)
    assert roles_of(mara.email) == ["MARKETER", "ANALYST"]


@pytest.mark.parametrize(
    ("_case", "told", "field", "complaint"),
    [
        ("a cashier of nowhere", {}, "shop", "Say in which shop they work."),
        (
            "a marketer of a shop",
            {"role": "MARKETER", "shop": "here"},
            "shop",
            "This role is for the whole programme: leave the shop empty.",
        ),
        (
            "a short password",
            {"shop": "here", "password": "coffee"},
            "password",
            "This password is too short. It must contain at least 12 characters.",
        ),
        ("no address", {"shop": "here", "email": "noor"}, "email", "Enter a valid email address."),
        (
            "a foreign shop",
            {"shop": "there"},
            "shop",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nobody_is_hired(_case, told, field, complaint, owners_desk, shop):
    places = {"here": shop.pk, "there": people.counter.a_shop(trade.a_programme("baker")).pk}
    told = told | ({"shop": places[told["shop"]]} if "shop" in told else {})

    answer = owners_desk.post("/admin/shops/staffrole/add/", HIRED | told)

    assert complaint in answer.context["form"].errors[field]
    assert roles_of("new@grocer.example") == roles_of("noor") == []


def test_a_role_is_taken_away_after_a_question(owners_desk, mara):
    role = StaffRole.objects.get(user=mara)

    asked = owners_desk.get(people.address("shops.staffrole", "delete", role.pk))
    owners_desk.post(people.address("shops.staffrole", "delete", role.pk), {"post": "yes"})

    assert asked.status_code == 200
    assert roles_of(mara.email) == []


def test_the_last_owner_cannot_be_taken_away(owners_desk, olive):
    role = StaffRole.objects.get(user=olive)

    answer = owners_desk.post(people.address("shops.staffrole", "delete", role.pk), {"post": "yes"}, follow=True)

    assert "Nobody could give roles any more: make somebody else system owner before." in text_of(answer.content)
    assert roles_of(olive.email) == ["OWNER"]


def test_one_of_two_owners_can_go(owners_desk, olive, grocer):
    people.staff("Otto", Role.OWNER, grocer)

    owners_desk.post(people.address("shops.staffrole", "delete", StaffRole.objects.get(user=olive).pk), {"post": "yes"})

    assert roles_of(olive.email) == []
    assert owners_desk.get("/admin/").status_code == 302


def test_a_sign_in_is_renamed_and_switched_off(owners_desk, mara):
    owners_desk.post(people.address("shops.user", "change", mara.pk), {"name": "Mara M."})

    mara.refresh_from_db()
    assert (mara.name, mara.is_active) == ("Mara M.", False)


def test_nobody_switches_themselves_off(owners_desk, olive):
    owners_desk.post(people.address("shops.user", "change", olive.pk), {"name": "Olive O."})

    olive.refresh_from_db()
    assert (olive.name, olive.is_active) == ("Olive O.", True)


def test_a_new_password_is_set_and_a_weak_one_refused(owners_desk, mara):
    page = people.address("shops.user", "password", mara.pk)

    weak = owners_desk.post(page, {"password": "password1234"})
    owners_desk.post(page, {"password": "a wholly other phrase"})

    mara.refresh_from_db()
    assert weak.context["form"].errors == {"password": ["This password is too common."]}
    assert mara.check_password("a wholly other phrase")


def test_who_also_works_elsewhere_is_not_ours_to_change(owners_desk, mara):
    shops.grant_role(user=mara, programme=trade.a_programme("baker"), role=Role.MARKETER)

    page = owners_desk.get(people.address("shops.user", "change", mara.pk))
    changed = owners_desk.post(people.address("shops.user", "change", mara.pk), {"name": "Mine"})
    password = owners_desk.post(
        people.address("shops.user", "password", mara.pk), {"password": "a wholly other phrase"}
    )

    mara.refresh_from_db()
    assert "the sign-in is not yours to change" in text_of(page.content)
    assert (changed.status_code, password.status_code) == (403, 403)
    assert (mara.name, mara.check_password(PASSWORD)) == ("Mara", True)


def test_an_owner_cannot_take_over_a_superuser(owners_desk, grocer):
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    shops.grant_role(user=root, programme=grocer, role=Role.MARKETER)

    answer = owners_desk.post(people.address("shops.user", "password", root.pk), {"password": "a wholly other phrase"})

    root.refresh_from_db()
    assert answer.status_code == 403
    assert root.check_password(PASSWORD)


def test_the_page_of_a_sign_in_tells_roles_of_own_programmes_only(owners_desk, mara):
    shops.grant_role(user=mara, programme=trade.a_programme("baker"), role=Role.APPROVER)

    page = text_of(owners_desk.get(people.address("shops.user", "change", mara.pk)).content)

    assert "Marketer Grocer" in page
    assert "Approver" not in page


def test_a_shop_is_opened_changed_and_closed(owners_desk, grocer):
    owners_desk.post("/admin/shops/shop/add/", {"name": "Harbour", "code": "harbour", "time_zone": ""})
    shop = Shop.objects.get(programme=grocer, code="harbour")

    owners_desk.post(people.address("shops.shop", "change", shop.pk), {"name": "Quay", "time_zone": "Europe/Lisbon"})

    shop.refresh_from_db()
    assert (shop.name, shop.time_zone, shop.is_open, shop.code) == ("Quay", "Europe/Lisbon", False, "harbour")


def test_two_shops_of_a_programme_never_share_a_code(owners_desk, shop):
    answer = owners_desk.post("/admin/shops/shop/add/", {"name": "Other", "code": "harbour", "time_zone": ""})

    assert answer.context["form"].errors == {"code": ["Another shop has this code."]}
    assert Shop.objects.count() == 1


def test_a_programme_is_renamed_moved_and_repainted_but_keeps_its_currency(owners_desk, grocer):
    page = people.address("shops.programme", "change", grocer.pk)

    owners_desk.post(page, TOLD | {"currency": "USD"})

    grocer.refresh_from_db()
    assert (grocer.name, grocer.time_zone, grocer.colour, grocer.currency) == (
        "Corner shop",
        "Asia/Jakarta",
        "#aa3300",
        "EUR",
    )


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("colour", "red"), ("name", "")])
def test_a_programme_that_makes_no_sense_is_refused(field, value, owners_desk, grocer):
    told = {"name": "Corner shop", "time_zone": "Asia/Jakarta", "colour": "#aa3300", "refund_order": "POINTS_FIRST"} | {
        field: value
    }

    answer = owners_desk.post(people.address("shops.programme", "change", grocer.pk), told)

    grocer.refresh_from_db()
    assert list(answer.context["form"].errors) == [field]
    assert grocer.name == "Grocer"


def test_a_lost_device_is_refused_from_now_on(owners_desk, shop):
    till, secret = people.counter.a_till_with_secret(shop, people.staff("Casey", Role.CASHIER, shop.programme, shop))
    assert shops.known_device(secret) == till.device

    owners_desk.post(people.address("shops.device", "revoke", till.device.pk))

    assert shops.known_device(secret) is None
