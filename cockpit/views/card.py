"""The first page: the card, what it is worth, what to do next."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from campaigns.queries import asks_birthday
from cockpit import history, wallet
from cockpit.choosing import chosen_programme
from cockpit.codes import codes_ahead
from cockpit.questions import waiting_question
from cockpit.sending import given
from cockpit.tiers import tiers_for
from cockpit.visitor import Visitor, for_members, other_cards
from cockpit.ways import ways_of
from members import card
from rewards import queries as rewards

NEWEST_SHOWN = 3


@require_safe
@for_members
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The card with a code that is right when the page arrives; `card.js` keeps it right."""
    (token,) = card.mint_tokens(member=visitor.member, programme=visitor.programme, at=visitor.at)
    offers = rewards.catalogue_for(visitor.member, at=visitor.at)
    context = {
        "programme": visitor.programme,
        "member": visitor.member,
        "number": _grouped(visitor.member.number),
        "code": card.qr_svg(token.text, label=_("Your member code. It changes every 15 seconds.")),
        "wallets": wallet.wallets_of(visitor),
        "tiers": tiers_for(visitor),
        "lapsing": wallet.lapsing_for(visitor),
        "goal": wallet.next_reward(offers),
        "takeable": [offer for offer in offers if offer.can_be_taken],
        "days": history.newest(visitor, count=NEWEST_SHOWN),
        "other_cards": other_cards(visitor),
        "asks_birthday": visitor.member.birth_month is None and asks_birthday(visitor.programme, at=visitor.at),
        "offers": given(visitor),
        "ways": ways_of(visitor),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/home.html", context)


@require_safe
@for_members
def codes(_request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The codes of the next ten minutes; `now` lets the page trust our clock rather than the phone's."""
    return JsonResponse({"now": visitor.at.timestamp(), "codes": codes_ahead(visitor)})


@require_safe
@cache_control(private=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the card among its apps."""
    programme = chosen_programme(request)
    name = programme.name if programme else "Laurel"
    content = {
        "id": reverse("cockpit:home"),
        "name": name,
        "short_name": name[:12],
        "start_url": reverse("cockpit:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f6f3",
        "theme_color": programme.colour if programme else "#1f6f54",
        "icons": [
            {"src": static("site/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("site/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _grouped(number: str) -> str:
    """A member number as people read it out: "1234 5678 9012"."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
