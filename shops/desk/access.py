"""What the person at the desk may do during one request."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from shops import policy
from shops.models import Programme, User
from shops.policy import Act


@dataclass(frozen=True, slots=True)
class Access:
    """The role matrix's answers for one user, read once a request: a role taken away is gone with the next one."""

    ids_by_act: Mapping[Act, frozenset[int]]
    programmes: tuple[Programme, ...]

    def programme_ids(self, *acts: Act) -> frozenset[int]:
        """The programmes in which at least one of `acts` is allowed."""
        return frozenset[int]().union(*(self.ids_by_act[act] for act in acts))

    def allows(self, *acts: Act, programme_id: int | None = None) -> bool:
        """Say whether one of `acts` is allowed: in that programme, or in any if none is named."""
        ids = self.programme_ids(*acts)
        return bool(ids) if programme_id is None else programme_id in ids

    def programmes_of(self, *acts: Act) -> list[Programme]:
        """`programme_ids` as rows, by name."""
        ids = self.programme_ids(*acts)
        return [programme for programme in self.programmes if programme.pk in ids]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which lists show their times: the first programme's."""
        return self.programmes[0].zone if self.programmes else ZoneInfo("UTC")


def access_of(request: HttpRequest) -> Access:
    """The access of the request's user, read on first use and kept with the request."""
    kept: Access | None = getattr(request, "desk_access", None)
    if kept is None:
        kept = _read(request)
        request.desk_access = kept  # type: ignore[attr-defined]  # a request is where Django itself keeps such answers
    return kept


def person_of(request: HttpRequest) -> User:
    """Who sits at the desk."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _read(request: HttpRequest) -> Access:
    ids_by_act = policy.programme_ids_by_act(request.user)
    reached = frozenset[int]().union(*ids_by_act.values())
    programmes = Programme.objects.filter(pk__in=reached).order_by("name", "pk") if reached else ()
    return Access(ids_by_act, tuple(programmes))
