"""
The code that is mailed, within allauth's login-by-code stage: made, sent, kept as a digest in the browser's session.

Whoever types an address gets the same answer after the same work, member or not: a sign-in is made when the code is
typed, never before. allauth's own start of the stage looks the address up first and mails no code to unknown ones.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import normalize_user_code
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from cockpit import services


def send_first(request: HttpRequest, *, email: str) -> None:
    """Mail a code and let the session wait for it."""
    login = Login(user=None, email=email)
    login.state["stages"] = {"current": LoginByCodeStage.key}
    stage = LoginByCodeStage(LoginStageController(request, login), request, login)
    stage.state.update(LoginCodeVerificationProcess.initial_state(user=None, email=email), initiated_by_user=True)
    process = LoginCodeVerificationProcess(stage=stage)
    _mail(process)
    process.persist()


def send_another(process: Any) -> None:
    """Mail a new code in place of the one the session waits for."""
    _mail(process)
    process.record_resend()
    process.persist()


def matches(typed: str, digest: str) -> bool:
    """Say whether a typed code, however it is spaced, is the one with this digest; nothing matches an empty one."""
    return bool(digest) and constant_time_compare(_digest(typed), digest)


def _mail(process: Any) -> None:
    email = process.state["email"]
    adapter = get_adapter()
    if services.is_barred(email=email):
        process.state["code"] = ""
        adapter.send_mail("account/email/unknown_account", email, {})
        return
    code = adapter.generate_login_code()
    process.state["code"] = _digest(code)
    adapter.send_mail("account/email/login_code", email, {"code": code})


def _digest(code: str) -> str:
    # Keyed, so that who reads the sessions can't try all codes; sessions end with the secret anyway.
    return salted_hmac("cockpit.sign_in.mailed_code", normalize_user_code(code), algorithm="sha256").hexdigest()
