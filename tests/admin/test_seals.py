"""Seals at the desk: listed, and each with its hash to print."""

from tests.admin import people
from tests.campaigns import trade
from tests.cockpit.people import text_of


def test_a_seal_shows_its_hash_to_print_and_what_it_covers(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    seal = people.a_seal(ada.programme)

    page = text_of(desk.get(people.address("ledger.seal", "change", seal.pk)).content)

    assert f"manage.py verify_ledger --seals --printed {'a1' * 32}" in page
    assert f"Postings {seal.sealing.after + 1} to {seal.sealing.until} Rows of this programme 19" in page
    assert "Seal before None: the first" in page


def test_seals_are_listed_with_the_beginning_of_their_hashes(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    people.a_seal(ada.programme)

    listed = text_of(desk.get("/admin/ledger/seal/").content)

    assert "#1 2 Mar 2026, 13:00 19 a1a1a1a1a1a1a1a1…" in listed
