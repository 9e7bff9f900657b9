"""What every answer carries: a request id, a policy for what pages may load, and no way into a frame."""

import io
import json
import logging
import logging.config
import re

import pytest
import structlog

from loyalty_site import logs


def directives(answer) -> dict[str, str]:
    policy = answer["Content-Security-Policy"]
    return {part.split()[0]: " ".join(part.split()[1:]) for part in policy.split(";")}


@pytest.mark.django_db
def test_a_page_runs_only_what_we_serve(client):
    policy = directives(client.get("/accounts/login/"))

    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert re.fullmatch(r"'self'( 'nonce-[^']+')?", policy["script-src"])
    assert re.fullmatch(r"'self'( 'nonce-[^']+')?", policy["style-src"])


@pytest.mark.django_db
def test_only_the_admin_may_run_what_stands_in_its_pages(client):
    policy = directives(client.get("/admin/login/"))

    assert policy["script-src"] == "'self' 'unsafe-inline' 'unsafe-eval'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
    ],
)
@pytest.mark.django_db
def test_browsers_are_told_what_pages_do_not_need(header, value, client):
    assert client.get("/accounts/login/")[header] == value


def test_a_request_gets_an_id_of_its_own(client):
    first, second = client.get("/health/live"), client.get("/health/live")

    assert re.fullmatch(r"[0-9a-f]{32}", first["X-Request-ID"])
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_a_harmless_id_is_taken_over(client):
    assert client.get("/health/live", headers={"x-request-id": "till-7.4711"})["X-Request-ID"] == "till-7.4711"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'a"b-c-d-e', "<script>123"])
def test_an_id_that_could_do_harm_in_a_log_is_replaced(given, client):
    assert re.fullmatch(r"[0-9a-f]{32}", client.get("/health/live", headers={"x-request-id": given})["X-Request-ID"])


@pytest.fixture
def lines(settings):
    """Log what a test does in the given form, and read the lines."""
    stream = io.StringIO()

    def log_as(form: str) -> io.StringIO:
        configuration = logs.configuration(form=form, level="INFO")
        configuration["handlers"]["stderr"]["stream"] = stream
        logging.config.dictConfig(configuration)
        return stream

    yield log_as
    logging.config.dictConfig(settings.LOGGING)


def test_a_log_line_names_level_words_and_request(lines):
    stream = lines("text")

    with structlog.contextvars.bound_contextvars(request_id="till-7.4711"):
        logging.getLogger("ledger").warning("posted %s points", 12)

    line = stream.getvalue().strip()
    assert line.startswith("[warning] posted 12 points [ledger]")
    assert "request_id=till-7.4711" in line


def test_a_machine_gets_the_same_line_as_json(lines):
    stream = lines("json")

    logging.getLogger("ledger").warning("posted %s points", 12)

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("posted 12 points", "warning", "ledger")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_keeps_to_itself_what_the_variables_held(form, lines):
    stream = lines(form)

    def fail(password: str) -> None:
        raise RuntimeError(f"{len(password)} characters")

    try:
        fail("".join(["sword", "fish"]))
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error: /me/")

    assert "RuntimeError: 9 characters" in stream.getvalue()
    assert "swordfish" not in stream.getvalue()
