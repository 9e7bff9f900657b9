"""What allauth asks us about accounts."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from cockpit.choosing import chosen_programme

# Nobody wants to fetch a code from their mail while others queue behind them at the till.
STAYS_SIGNED_IN = timedelta(days=90)


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-ins are made by `cockpit.services`; mails and sessions are those of a programme."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        request.session.set_expiry(int(STAYS_SIGNED_IN.total_seconds()))

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        programme = chosen_programme(allauth_context.request)
        super().send_mail(template_prefix, email, {**context, "programme": programme})

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        # What worked is seen on the page that follows; only refusals need saying.
        if level >= messages.WARNING:
            super().add_message(request, level, *args, **kwargs)
