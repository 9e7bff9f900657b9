"""Ways around the second person, by the doors of the desk."""

from django.utils import timezone

from ledger.adjustments import Adjustment
from ledger.models import Posting
from members.services import enrol
from shops.models import StaffRole, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.admin.two_people import ADD, LIST, MANY, decide, decision, page, spendable
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


def both_roles(sami, grocer):
    StaffRole.objects.create(user=sami, programme=grocer, role=Role.APPROVER)


def test_with_both_roles_one_still_needs_another_person(support, sami, grocer, ada, request_of_sami):
    both_roles(sami, grocer)

    assert "Your decision" not in page(support, request_of_sami)
    answer = text_of(decide(support, request_of_sami).content)

    assert "You asked for it, so somebody else has to decide." in answer
    assert Posting.objects.count() == 0


def test_a_superuser_can_neither_ask_nor_approve(form, request_of_sami):
    root = people.at_the_desk(User.objects.create_superuser("root@example.com", PASSWORD))

    statuses = [
        root.get(LIST).status_code,
        root.post(ADD, form | {"step": "ask"}).status_code,
        root.post(MANY, form | {"rows": "member,amount\n", "step": "ask"}).status_code,
        root.post(
            people.address("ledger.adjustment", "approve", request_of_sami.pk), decision(request_of_sami)
        ).status_code,
    ]

    assert set(statuses) <= {403, 404}
    assert Adjustment.objects.get().state == "OPEN"


def test_what_was_looked_at_is_what_is_approved(approver, ada, sami, request_of_sami):
    larger = people.an_adjustment(ada, 9999, by=sami, at=timezone.now())

    answer = decide(approver, larger, payload=bytes(request_of_sami.payload_sha256).hex())
    nonsense = decide(approver, larger, payload="no digest")

    for shown in (answer, nonsense):
        assert "What you looked at is not what would be approved." in text_of(shown.content)
    assert spendable(ada) == 0


def test_a_request_is_not_edited_deleted_or_decided_by_a_list_action(approver, support, request_of_sami):
    change = people.address("ledger.adjustment", "change", request_of_sami.pk)
    statuses = [
        support.post(change, {"plus": 1}).status_code,
        support.post(people.address("ledger.adjustment", "delete", request_of_sami.pk), {"post": "yes"}).status_code,
        approver.post(change, {"state": "APPROVED"}).status_code,
    ]
    approver.post(LIST, {"action": "delete_selected", "_selected_action": [request_of_sami.pk], "post": "yes"})
    approver.post(LIST, {"form-0-state": "APPROVED", "_save": "Save"})

    assert statuses == [403, 403, 403]
    assert Adjustment.objects.get().state == "OPEN"
    assert Posting.objects.count() == 0


def test_an_approver_whose_role_was_taken_away_approves_nothing(approver, avery, ada, request_of_sami):
    page(approver, request_of_sami)
    StaffRole.objects.filter(user=avery).delete()

    decide(approver, request_of_sami)

    assert spendable(ada) == 0


def test_the_requester_cannot_make_an_approver_of_their_own(support, sami, grocer, ada, request_of_sami):
    friend = people.staff("Friend", Role.APPROVER, grocer)
    StaffRole.objects.filter(user=friend).update(granted_by=sami)

    answer = text_of(decide(people.at_the_desk(friend), request_of_sami).content)

    assert "Who asked made you an approver less than 24 hours ago" in answer
    assert spendable(ada) == 0


def test_nobody_approves_points_for_themselves(approver, avery, grocer, sami):
    own = enrol(programme=grocer, at=NOON, name="Avery", user=avery)

    answer = text_of(decide(approver, people.an_adjustment(own, by=sami, at=timezone.now())).content)

    assert "is you, and nobody adjusts their own points." in answer
    assert spendable(own) == 0
