"""A refusal has a stable code and its facts."""

from kernel.errors import DomainError


class TooHot(DomainError):
    code = "too_hot"


def test_a_refusal_keeps_its_facts_and_says_them():
    refusal = TooHot(degrees=90, allowed=60)

    assert (refusal.code, refusal.facts) == ("too_hot", {"degrees": 90, "allowed": 60})
    assert str(refusal) == "too_hot(degrees=90, allowed=60)"


def test_a_refusal_without_facts_is_its_code():
    assert str(DomainError()) == "refused()"
