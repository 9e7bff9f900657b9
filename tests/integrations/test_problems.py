"""Refusals are problem documents, whatever went wrong."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory

import orders.errors
from integrations import errors
from integrations.api.outside import server_error
from integrations.api.refusals import handle
from integrations.problems import KINDS
from kernel.errors import DomainError


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("get", "/api/v1/orders/999", {}, 404, "not_found"),
        ("get", "/api/v1/orders/999999999999999999999999", {}, 404, "not_found"),
        ("get", "/api/v1/members/400000000006/wallet", {}, 404, "member_unknown"),
        ("get", "/api/v1/members/%00/wallet", {}, 404, "member_unknown"),
        ("get", "/api/v1/operations/%00", {}, 404, "not_found"),
        ("get", "/api/v1/nothing", {}, 404, "not_found"),
        ("post", "/api/v1/orders/", {}, 404, "not_found"),
        ("get", "/api/", {}, 404, "not_found"),
        ("delete", "/api/v1/orders", {}, 405, "method_not_allowed"),
        ("options", "/api/v1/orders", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/orders", {"Accept": "text/html"}, 406, "not_acceptable"),
        ("get", "/api/v1/orders?limit=0", {}, 400, "invalid"),
        ("get", "/api/v1/orders?limit=ten", {}, 400, "invalid"),
        ("get", "/api/v1/orders?refrence=1", {}, 400, "invalid"),
        ("get", "/api/v1/orders?placed_from=yesterday", {}, 400, "invalid"),
        ("get", "/api/v1/orders?reference=%00", {}, 400, "invalid"),
        ("get", "/api/v1/orders?cursor=made-up", {}, 404, "not_found"),
    ],
)
def test_a_request_that_cannot_be_answered_gets_a_problem(method, path, headers, status, code, machine):
    response = getattr(machine, method)(path, headers=headers)

    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == code
    assert problem["type"] == f"http://localhost:8000/api/problems/{code}"
    assert problem["title"] == KINDS[code].title
    assert problem["request_id"] == response.headers["X-Request-ID"]


def test_a_wrong_parameter_is_named(machine):
    response = machine.read("orders", limit="0", refrence="1")

    assert {fault["parameter"] for fault in response.json()["errors"]} <= {"limit", "refrence"}
    assert response.json()["errors"]


def test_a_given_request_id_comes_back_in_the_problem(machine):
    response = machine.get("/api/v1/nothing", headers={"X-Request-ID": "till-7-000123"})

    assert response.json()["request_id"] == response.headers["X-Request-ID"] == "till-7-000123"


def test_allowed_methods_are_named(machine):
    response = machine.delete("/api/v1/orders")

    assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_problem_has_a_page(code, client):
    response = client.get(f"/api/problems/{code}")

    assert response.status_code == 200
    assert KINDS[code].title.replace("'", "&#x27;") in response.content.decode()
    assert KINDS[code].remedy.split("`")[0].replace("'", "&#x27;") in response.content.decode()


def test_an_unknown_problem_has_none(client):
    assert client.get("/api/problems/weather").status_code == 404


def test_every_refusal_that_an_order_or_a_key_can_meet_is_in_the_table():
    met = [
        kind
        for module in (orders.errors, errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, DomainError) and kind is not DomainError
    ]

    assert [kind.__name__ for kind in met if kind.code not in KINDS] == []
    assert len(met) >= 12


def test_a_refusal_without_a_row_keeps_its_code():
    class TooEarly(DomainError):
        code = "too_early"

    response = handle(TooEarly(opens=9), {"request": RequestFactory().get("/api/v1/orders")})

    assert response.status_code == 422
    assert b'"code":"too_early"' in response.content
    assert b'"facts":{"opens":9}' in response.content


def test_a_surprise_is_logged_and_says_nothing_of_our_insides(caplog):
    response = handle(ValueError("the secret is 42"), {"request": RequestFactory().get("/api/v1/orders")})

    assert response.status_code == 500
    assert b"42" not in response.content
    assert b'"code":"internal"' in response.content
    assert "the secret is 42" in caplog.text


def test_a_database_that_does_not_answer_is_no_reason_to_give_up():
    response = handle(OperationalError("server closed"), {"request": RequestFactory().get("/api/v1/orders")})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert b"server closed" not in response.content


def test_a_host_nobody_allowed_gets_a_problem(client):
    response = client.get("/api/v1/orders", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert response.json()["code"] == "malformed"


def test_a_failure_outside_the_views_gets_a_problem():
    response = server_error(RequestFactory().get("/api/v1/orders"))

    assert response.status_code == 500
    assert b'"code":"internal"' in response.content
