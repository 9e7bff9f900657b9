"""
Who may do what at the desk: the role matrix of shops.policy, asked from every page.

A page or an address that is missing from the tables here fails the build.
"""

import logging

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from shops.models import User
from tests.admin import people
from tests.admin.people import Role

SEES, CHANGES, ADDS, DELETES = "see", "change", "add", "delete"
READ_ONLY = {SEES}
OWNERS = ("owner", "superuser")


def given_to(*names: str, may: set[str]) -> dict[str, set[str]]:
    return {name: set(may) for name in names}


# What each may do with the rows of their own programme; who is not named may do nothing.
MATRIX: dict[str, dict[str, set[str]]] = {
    "members.member": given_to("marketer", "support", may=READ_ONLY),
    "members.household": given_to("marketer", "support", may=READ_ONLY),
    "members.householdterms": {
        **given_to("marketer", *OWNERS, may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "members.segment": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", may=READ_ONLY),
    },
    "members.memberattribute": given_to("marketer", *OWNERS, may={SEES, CHANGES, ADDS}),
    "orders.contextattribute": given_to("marketer", *OWNERS, may={SEES, CHANGES, ADDS}),
    "members.tierladder": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "campaigns.campaign": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "rewards.reward": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "rewards.redemption": given_to("marketer", "support", may=READ_ONLY),
    "orders.order": given_to("marketer", "support", "analyst", may=READ_ONLY),
    "orders.return": given_to("marketer", "support", "analyst", may=READ_ONLY),
    "orders.event": given_to("marketer", "support", "analyst", may=READ_ONLY),
    "orders.eventtype": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "ledger.posting": given_to("marketer", "support", "analyst", "approver", may=READ_ONLY),
    "ledger.adjustment": {
        **given_to("support", may={SEES, ADDS}),
        **given_to("approver", may=READ_ONLY),
    },
    "ledger.transfer": given_to("marketer", "support", may=READ_ONLY),
    "ledger.unit": {
        **given_to("marketer", *OWNERS, may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
    },
    "ledger.conversionterms": {
        **given_to("marketer", may={SEES, CHANGES, ADDS}),
        **given_to("support", "analyst", "approver", may=READ_ONLY),
        **given_to(*OWNERS, may={SEES, CHANGES, ADDS}),
    },
    "ledger.purchase": given_to("marketer", "support", "analyst", "approver", may=READ_ONLY),
    "ledger.nightlyrun": given_to("marketer", "support", "analyst", "approver", "owner", "superuser", may=READ_ONLY),
    "ledger.seal": given_to("marketer", "support", "analyst", "approver", may=READ_ONLY),
    "shops.programme": given_to(*OWNERS, may={SEES, CHANGES}),
    "shops.shop": given_to(*OWNERS, may={SEES, CHANGES, ADDS}),
    "shops.device": given_to(*OWNERS, may=READ_ONLY),
    "shops.user": given_to(*OWNERS, may={SEES, CHANGES}),
    "shops.staffrole": given_to(*OWNERS, may={SEES, ADDS, DELETES}),
    "integrations.apikey": given_to(*OWNERS, may={SEES, ADDS}),
    "integrations.webhookendpoint": given_to(*OWNERS, may={SEES, ADDS}),
    "integrations.webhookdelivery": given_to(*OWNERS, may=READ_ONLY),
    "events.outboxevent": given_to(*OWNERS, may=READ_ONLY),
    "orders.importrun": given_to(*OWNERS, may=READ_ONLY),
    "django_celery_beat.periodictask": {"superuser": {SEES, CHANGES}},
}

# Addresses of our own beside Django's five: the model they are about, and who may post to them.
VERBS: dict[str, tuple[str, set[str]]] = {
    "campaigns_campaign_publish": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_discard": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_restore": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_stop": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_resume": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_rule": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_move_rule": ("campaigns.campaign", {"marketer"}),
    "campaigns_campaign_remove_rule": ("campaigns.campaign", {"marketer"}),
    "orders_eventtype_retire": ("orders.eventtype", {"marketer"}),
    "orders_eventtype_retire_attribute": ("orders.eventtype", {"marketer"}),
    "ledger_unit_publish": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_unit_discard": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_unit_describe": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_nightlyrun_stop": ("ledger.nightlyrun", {"owner", "superuser"}),
    "ledger_nightlyrun_resume": ("ledger.nightlyrun", {"owner", "superuser"}),
    "ledger_unit_purchase": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_purchase_refund": ("ledger.purchase", {"support"}),
    "ledger_purchase_cancel": ("ledger.purchase", {"support"}),
    "ledger_unit_payment": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_unit_transfers": ("ledger.unit", {"marketer", "owner", "superuser"}),
    "ledger_transfer_decline": ("ledger.transfer", {"support"}),
    "ledger_transfer_withdraw": ("ledger.transfer", {"support"}),
    "members_member_birthday": ("members.member", {"support"}),
    "members_member_known": ("members.member", {"support"}),
    "members_member_tier": ("members.member", {"support"}),
    "members_member_untier": ("members.member", {"support"}),
    "members_tierladder_publish": ("members.tierladder", {"marketer"}),
    "members_tierladder_discard": ("members.tierladder", {"marketer"}),
    "members_household_dissolve": ("members.household", {"support"}),
    "members_household_remove": ("members.household", {"support"}),
    "members_member_of_wallet": ("members.member", {"marketer", "support"}),
    "members_member_statement": ("members.member", {"marketer", "support"}),
    "members_member_statement_file": ("members.member", {"marketer", "support"}),
    "ledger_adjustment_approve": ("ledger.adjustment", {"approver"}),
    "ledger_adjustment_reject": ("ledger.adjustment", {"approver"}),
    "ledger_adjustment_withdraw": ("ledger.adjustment", {"support"}),
    "ledger_adjustment_stop": ("ledger.adjustment", {"approver"}),
    "ledger_adjustment_resume": ("ledger.adjustment", {"approver"}),
    "ledger_adjustment_limit": ("ledger.unit", {"owner", "superuser"}),
    "shops_device_revoke": ("shops.device", {"owner", "superuser"}),
    "shops_user_password": ("shops.user", {"owner", "superuser"}),
    "integrations_apikey_revoke": ("integrations.apikey", {"owner", "superuser"}),
    "integrations_webhookendpoint_test": ("integrations.webhookendpoint", {"owner", "superuser"}),
    "integrations_webhookendpoint_rotate": ("integrations.webhookendpoint", {"owner", "superuser"}),
    "integrations_webhookendpoint_enable": ("integrations.webhookendpoint", {"owner", "superuser"}),
    "integrations_webhookendpoint_disable": ("integrations.webhookendpoint", {"owner", "superuser"}),
    "integrations_webhookendpoint_remove": ("integrations.webhookendpoint", {"owner", "superuser"}),
    "integrations_webhookdelivery_again": ("integrations.webhookdelivery", {"owner", "superuser"}),
}
# Pages beside those, which are only looked at or check for themselves what is posted; their own tests say who may.
PAGES = {"ledger_purchase_clearing", "ledger_adjustment_many", "ledger_adjustment_example", "ledger_adjustment_lines"}
# For everybody who is let in at all; they show nothing that the pages above would not.
OF_THE_SITE = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
    "search",
}
OF_DJANGO = ("changelist", "add", "history", "delete", "change")

INSIDERS = ["marketer", "support", "analyst", "approver", "owner", "superuser"]
OUTSIDERS = ["cashier", "shop manager", "customer", "nobody", "dismissed"]
STRANGERS = {"another marketer": "marketer", "another owner": "owner"}


@pytest.fixture(autouse=True)
def _refusals_are_not_logged(caplog):
    # Hundreds are provoked here, and each would be told with its traceback.
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture
def world(db):
    return people.a_world()


@pytest.fixture
def elsewhere(db):
    return people.trade.a_programme("elsewhere")


@pytest.fixture
def enter(world, elsewhere):
    """The browser of somebody of the tables."""
    here, shop = world["shops.programme"], world["shops.shop"]
    arrive = {
        **{name: lambda name=name: people.staff(name, Role[name.upper()], here) for name in INSIDERS[:-1]},
        "superuser": lambda: User.objects.create_superuser("root@example.com"),
        "cashier": lambda: people.staff("floor", Role.CASHIER, here, shop),
        "shop manager": lambda: people.staff("floor", Role.SHOP_MANAGER, here, shop),
        "customer": lambda: User.objects.create_user("customer@example.com"),
        "nobody": lambda: None,
        "dismissed": lambda: User.objects.create_user("gone@example.com", is_staff=True),
        **{
            name: lambda role=role: people.staff("stranger", Role[role.upper()], elsewhere)
            for name, role in STRANGERS.items()
        },
    }
    return lambda name: people.at_the_desk(arrive[name]())


def what_works(desk, model, row):
    """What of seeing, changing, adding and deleting the pages of a model allow, told by their answers."""
    answers = {
        "list": desk.get(people.address(model, "changelist")).status_code,
        SEES: desk.get(people.address(model, "change", row.pk)).status_code,
        CHANGES: desk.post(people.address(model, "change", row.pk), {}).status_code,
        ADDS: desk.get(people.address(model, "add")).status_code,
        DELETES: desk.get(people.address(model, "delete", row.pk)).status_code,
    }
    # A form that refuses its empty fields was let in.
    works = {name for name, status in answers.items() if status in {200, 302}}
    assert set(answers.values()) <= {200, 302, 403, 404}, answers
    return works


@pytest.mark.parametrize("name", INSIDERS)
def test_everybody_can_do_what_the_matrix_says_and_no_more(name, world, enter):
    desk = enter(name)

    works = {model: what_works(desk, model, row) for model, row in world.items()}

    expected = {model: MATRIX[model].get(name, set()) for model in world}
    assert works == {model: (may | {"list"} if may else set()) for model, may in expected.items()}


@pytest.mark.parametrize("name", OUTSIDERS)
def test_who_holds_no_role_in_a_whole_programme_is_sent_to_the_sign_in(name, world, enter):
    desk = enter(name)

    for model, row in world.items():
        for page in ("changelist", "change", "add", "delete"):
            answer = desk.get(people.address(model, page, row.pk))
            assert answer.status_code == 302, (model, page)
            assert answer.url.startswith("/admin/login/"), (model, page)


@pytest.mark.parametrize("name", STRANGERS)
def test_the_rows_of_another_programme_do_not_exist(name, world, enter):
    desk = enter(name)

    for model, row in world.items():
        shown = MATRIX[model].get(STRANGERS[name], set())
        listed = desk.get(people.address(model, "changelist"))
        assert listed.status_code == (200 if shown else 403), model
        if shown:
            assert row not in listed.context["cl"].result_list, model
        # The schedule is the installation's own: its rows are nobody's, so they are refused instead of unknown.
        refusal = 403 if model == "django_celery_beat.periodictask" else 404
        assert desk.get(people.address(model, "change", row.pk)).status_code == refusal, model
        assert desk.post(people.address(model, "change", row.pk), {}).status_code == refusal, model
        assert desk.get(people.address(model, "delete", row.pk)).status_code == refusal, model


@pytest.mark.parametrize("name", INSIDERS + list(STRANGERS))
def test_verbs_answer_those_of_the_table_only(name, world, enter):
    desk = enter(name)

    for verb, (model, allowed) in VERBS.items():
        row = world[model]
        key = row.wallet_id if verb.endswith("of_wallet") else row.pk
        address = reverse(f"admin:{verb}", args=[key])
        assert (desk.get(address).status_code in {200, 302}) == (name in allowed), verb
        if name not in allowed:
            assert desk.post(address).status_code in {403, 404}, verb


def test_asking_for_a_verb_without_posting_does_nothing(world, enter):
    desk = enter("owner")

    for verb, (model, allowed) in VERBS.items():
        if "owner" in allowed:
            desk.get(reverse(f"admin:{verb}", args=[world[model].pk]))

    for model in ("shops.device", "integrations.apikey", "integrations.webhookendpoint"):
        before = {field.attname: getattr(world[model], field.attname) for field in world[model]._meta.fields}
        row = type(world[model]).objects.get(pk=world[model].pk)
        after = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
        assert {name: bytes(value) if isinstance(value, memoryview) else value for name, value in after.items()} == {
            name: bytes(value) if isinstance(value, memoryview) else value for name, value in before.items()
        }


def test_every_page_of_the_desk_is_in_the_matrix():
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(MATRIX)


def test_every_address_of_the_desk_is_in_a_table():
    known = OF_THE_SITE | PAGES | set(VERBS)
    for model in admin.site._registry:
        known |= {f"{model._meta.app_label}_{model._meta.model_name}_{page}" for page in OF_DJANGO}

    names = set(_names(get_resolver("loyalty_site.urls")))

    assert names - known == set()


def _names(resolver, *, within=False):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern, within=within or pattern.app_name == "admin")
        elif isinstance(pattern, URLPattern) and within and pattern.name:
            yield pattern.name
