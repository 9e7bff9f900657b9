"""The OpenAPI document: committed, complete, and shown on a page that works."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from integrations import reference
from integrations.api.pages import document
from integrations.models import Scope
from integrations.problems import KINDS
from tests.integrations.shopkeepers import a_campaign, a_machine, a_member

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def schema():
    return json.loads(document())


def operations(schema):
    return [(path, method, what) for path, methods in schema["paths"].items() for method, what in methods.items()]


def test_the_committed_document_is_up_to_date():
    committed = (DOCS / "openapi.yaml").read_text(encoding="utf-8")

    assert committed == reference.openapi(), "run make reference, and read the difference"


def test_every_operation_has_a_name_a_summary_a_description_and_a_command(schema):
    for path, method, operation in operations(schema):
        assert operation["operationId"], (path, method)
        assert operation["summary"], (path, method)
        assert "```sh\ncurl " in operation["description"], (path, method)


def test_every_operation_says_which_scope_it_needs(schema):
    for path, method, operation in operations(schema):
        named = [scope for scope in Scope.values if f"`{scope}`" in operation["description"]]
        assert named or "Any key may ask." in operation["description"], (path, method)


def test_every_operation_needs_a_key_and_can_refuse(schema):
    for path, method, operation in operations(schema):
        assert operation["security"] == [{"key": []}], (path, method)
        assert {"401", "403", "406", "429", "503"} <= set(operation["responses"]), (path, method)


def test_every_write_takes_an_idempotency_key(schema):
    for path, method, operation in operations(schema):
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("Idempotency-Key" in names) == (method in {"post", "put"}), (path, method)


def test_the_document_is_open_to_everybody(client):
    response = client.get("/api/schema/")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == document()


def test_the_guide_lists_every_problem():
    guide = (DOCS / "api.md").read_text(encoding="utf-8")

    missing = [kind.code for kind in KINDS.values() if f"| {kind.status} | `{kind.code}` |" not in guide]
    assert missing == []


def test_the_guides_example_is_answered_as_the_guide_says(bakery):
    a_campaign(bakery)
    a_member(bakery, "6940095564")
    guide = (DOCS / "api.md").read_text(encoding="utf-8")
    body = json.loads(guide.split("-d '")[1].split("'\n```")[0])
    shown = json.loads(guide.split("```json\n")[1].split("```")[0])

    answer = a_machine(bakery).send("orders", body).json()

    for made_up in ("id", "member"):
        shown[made_up] = answer[made_up]
    shown["earned"][0]["posting"] = answer["earned"][0]["posting"]
    assert answer == shown


def test_the_page_shows_every_call_and_breaks_no_policy(live_server, page, schema):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{live_server.url}/api/docs/")

    expect(page.locator(".opblock-summary")).to_have_count(len(operations(schema)))
    assert complaints == []


def test_a_call_can_be_tried_on_the_page(live_server, page, bakery, ada, machine):
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(machine.key)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".btn-done").click()
    page.locator("#operations-Members-list_members .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table .response").first).to_contain_text(ada.number)
