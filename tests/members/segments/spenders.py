"""Conditions of segments in these tests, and who is in one."""

from members.models import Member, SegmentMember

SPENT_50_IN_30_DAYS = {
    "history": "orders",
    "measure": "sum",
    "of": "order.total",
    "within": {"last": 30, "unit": "day"},
    "op": "gte",
    "value": 5000,
}
VIP = {"field": "member.tags", "op": "has_any", "value": ["vip"]}


def names_in(segment):
    inside = SegmentMember.objects.filter(segment=segment).values("member")
    return list(Member.objects.filter(pk__in=inside).order_by("name").values_list("name", flat=True))
