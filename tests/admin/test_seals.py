"""Seals at the desk: listed, and each with its hash to print."""

from tests.admin import people
from tests.admin.pages import text_of


def test_a_seal_shows_its_hash_to_print_and_what_it_covers(desk, standing, ada):
    seal = people.a_seal(standing.programme)

    page = text_of(desk.get(people.address("ledger.seal", "change", seal.pk)).content)

    assert "a1" * 32 in page
    assert f"manage.py verify_ledger --seals --printed {'a1' * 32}" in page
    assert f"Postings 1 to {seal.sealing.until} Rows of this programme 19" in page
    assert "Seal before None: the first" in page
