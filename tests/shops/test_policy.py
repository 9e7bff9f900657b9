"""Who may do what."""

import pytest

from shops import policy, services
from shops.models import Programme, Shop, StaffRole, User
from shops.policy import Act, Role

SHOP_FLOOR = {Role.CASHIER, Role.SHOP_MANAGER}


@pytest.fixture
def points(db):
    return Programme.objects.create(key="points", name="Points")


@pytest.fixture
def stars(db):
    return Programme.objects.create(key="stars", name="Stars")


@pytest.fixture
def store(points):
    return Shop.objects.create(programme=points, code="high-street", name="High Street")


@pytest.mark.parametrize("role", sorted(set(Role) - SHOP_FLOOR))
def test_all_answers_at_once_are_the_answers_one_by_one(role, points, stars, django_assert_num_queries):
    ada = User.objects.create_user("ada@example.com")
    services.grant_role(user=ada, programme=points, role=role)

    with django_assert_num_queries(1):
        answers = policy.programme_ids_by_act(ada)

    assert answers == {
        act: frozenset(place.pk for place in (points, stars) if policy.may(ada, act, place)) for act in Act
    }
    assert answers == {act: frozenset(policy.programmes_for(ada, [act]).values_list("pk", flat=True)) for act in Act}


@pytest.mark.parametrize("role", sorted(SHOP_FLOOR))
def test_a_role_in_one_shop_gives_nothing_in_the_whole_programme(role, points, store):
    ada = User.objects.create_user("ada@example.com")
    services.grant_role(user=ada, programme=points, role=role, shop=store)

    answers = policy.programme_ids_by_act(ada)

    assert set(answers.values()) == {frozenset()}
    assert not any(policy.may(ada, act, points) for act in Act)


def test_a_superuser_is_owner_of_every_programme_and_nothing_more(points, stars):
    root = User.objects.create_superuser("root@example.com")
    both = frozenset({points.pk, stars.pk})

    answers = policy.programme_ids_by_act(root)

    assert answers == {act: both if Role.OWNER in policy.ROLES_FOR[act] else frozenset() for act in Act}
    assert [act for act in Act if policy.may(root, act, points)] == [act for act in Act if answers[act]]


def test_who_is_switched_off_may_nothing(points):
    ada = User.objects.create_superuser("ada@example.com")
    StaffRole.objects.create(user=ada, programme=points, role=Role.MARKETER)
    User.objects.update(is_active=False)
    ada.refresh_from_db()

    answers = policy.programme_ids_by_act(ada)

    assert set(answers.values()) == {frozenset()}
    assert not policy.may(ada, Act.EDIT_CAMPAIGNS, points)
