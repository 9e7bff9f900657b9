"""What of one window counts in the next: pure."""

from collections.abc import Callable, Mapping

from members.tiers.definitions import Requirement, Share


def shared(of: Share, requirement: Requirement, total: Callable[[str], int]) -> dict[str, int]:
    """The share of what was more than each quota asked for, by metric, rounded down."""
    found = {
        quota.metric: max(0, total(quota.metric) - quota.at_least) * of.percent // 100 for quota in requirement.quotas
    }
    return {metric: amount for metric, amount in found.items() if amount}


def reserved(
    requirement: Requirement, *, is_met: bool, reserve: Mapping[str, int], total: Callable[[str], int]
) -> dict[str, int]:
    """
    What is in reserve afterwards, by metric: the surplus comes to it. Where the window alone did not do (`is_met`), it
    gave what each quota lacked that it could fill.
    """
    found = dict(reserve)
    for quota in requirement.quotas:
        kept = found.get(quota.metric, 0)
        more = total(quota.metric) - quota.at_least
        if more >= 0 or (not is_met and kept + more >= 0):
            found[quota.metric] = kept + more
    return {metric: amount for metric, amount in found.items() if amount}
