"""Why the members' room refuses."""

from kernel.errors import DomainError


class MemberExists(DomainError):
    """Somebody with this sign-in, address or identifier is a member already. Facts: what was taken."""

    code = "member_exists"


class MemberUnknown(DomainError):
    """No member answers to this number or identifier. Facts: what was asked."""

    code = "member_unknown"
