"""An import may be stopped, killed, repeated and run twice at once: the books end the same."""

import json
import multiprocessing
import os
import signal
import sys
import time

import psutil
import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from integrations.management.commands import import_orders
from members.models import Member
from orders.models import ImportProblem, ImportRun, Order
from orders.services import ImportedFile, begin_import, finish_import
from tests.campaigns.trade import NOON, books_are_sound
from tests.integrations.histories import a_gift_shop, balances, books, problems, read, summary

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CUSTOMERS = 7


def a_history(tmp_path, days=60):
    """Days of trade: every customer buys three loaves a day, every third day one comes back, one line is broken."""
    lines = []
    for day in range(days):
        at = f"20{10 + day // 365}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}T{{:02}}:00:00Z"
        for number in range(CUSTOMERS):
            customer = {"source": "webshop", "external_id": f"C{number}"}
            lines.append(
                {
                    "kind": "order",
                    "source": "webshop",
                    "reference": f"{day}-{number}",
                    "placed_at": at.format(8),
                    "currency": "GBP",
                    "customer": customer,
                    "lines": [{"sku": "BREAD", "amount": f"{3 + number}.50", "quantity": 3}],
                }
            )
            if day % 3 == 0:
                lines.append(
                    {
                        "kind": "return",
                        "source": "webshop",
                        "reference": f"R{day}-{number}",
                        "returned_at": at.format(20),
                        "customer": customer,
                        "lines": [{"sku": "BREAD" if number else "STONE", "quantity": 1}],
                    }
                )
        lines.append({"kind": "order", "source": "webshop", "reference": f"{day}-broken"})
    path = tmp_path / "history.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def forked(path, report, *options):
    """The command in a process of its own, which tests may kill."""

    def run():
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            call_command("import_orders", str(path), "--format", "jsonl", "--errors", str(report), *options)
        except CommandError:
            sys.exit(1)

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    return process


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.005)
    pytest.fail("it never happened")


def documents_read(programme):
    run = ImportRun.objects.filter(programme=programme).first()
    return run.documents if run else 0


def end(process):
    """Wait until the command and its workers are gone."""
    process.join(60)
    assert not process.is_alive()
    wait_for(lambda: not any(_group(other) == process.pid for other in psutil.process_iter()))


def _group(process):
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize("whom", ["the command", "its worker", "both"])
def test_an_import_killed_in_the_middle_goes_on_and_ends_with_the_books_of_an_undisturbed_one(tmp_path, whom):
    undisturbed, killed = a_gift_shop("undisturbed"), a_gift_shop("killed")
    path = a_history(tmp_path)
    first = read(path, "jsonl", tmp_path / "1.csv", "--programme", "undisturbed", "--batch", "20")

    process = forked(path, tmp_path / "2.csv", "--programme", "killed", "--batch", "20")
    wait_for(lambda: documents_read(killed) >= 60)
    (worker,) = psutil.Process(process.pid).children()
    if whom != "its worker":
        os.kill(process.pid, signal.SIGKILL)
    if whom != "the command":
        worker.kill()
    end(process)
    in_between = documents_read(killed)
    second = read(path, "jsonl", tmp_path / "2.csv", "--programme", "killed", "--batch", "20")

    assert 60 <= in_between < lines_of(path)
    assert second[0] == f"Going on behind the first {in_between:,} documents."
    assert summary(second) == summary(first)
    assert books(killed) == books(undisturbed)
    assert problems(tmp_path / "2.csv") == problems(tmp_path / "1.csv")
    assert books_are_sound()


def test_a_command_whose_worker_was_killed_says_so(tmp_path):
    shop = a_gift_shop()
    path = a_history(tmp_path)

    process = forked(path, tmp_path / "report.csv", "--batch", "5")
    wait_for(lambda: documents_read(shop) >= 5)
    for worker in psutil.Process(process.pid).children():
        worker.kill()
    end(process)

    assert process.exitcode == 1
    assert 5 <= documents_read(shop) < lines_of(path)


def test_a_stopped_import_commits_its_batch_says_how_to_go_on_and_goes_on(tmp_path):
    undisturbed, stopped = a_gift_shop("undisturbed"), a_gift_shop("stopped")
    path = a_history(tmp_path)
    read(path, "jsonl", tmp_path / "1.csv", "--programme", "undisturbed", "--batch", "20")

    process = forked(path, tmp_path / "2.csv", "--programme", "stopped", "--batch", "20")
    wait_for(lambda: documents_read(stopped) >= 60)
    os.killpg(process.pid, signal.SIGINT)
    end(process)

    assert documents_read(stopped) % 20 == 0
    assert ImportRun.objects.get(programme=stopped).finished_at is None
    assert len(problems(tmp_path / "2.csv")) == ImportProblem.objects.filter(run__programme=stopped).count() > 0
    read(path, "jsonl", tmp_path / "2.csv", "--programme", "stopped", "--batch", "20")
    assert books(stopped) == books(undisturbed)


def test_two_commands_on_the_same_file_at_once_take_every_document_once(tmp_path):
    alone, twice = a_gift_shop("alone"), a_gift_shop("twice")
    path = a_history(tmp_path)
    first = read(path, "jsonl", tmp_path / "1.csv", "--programme", "alone")

    both = [forked(path, tmp_path / f"{n}.csv", "--programme", "twice", "--batch", "10") for n in (2, 3)]
    for process in both:
        end(process)

    assert [process.exitcode for process in both] == [0, 0]
    assert ImportRun.objects.get(programme=twice).tally == {
        name: count for name, count in summary(first).items() if name != "documents"
    }
    assert books(twice) == books(alone)
    assert books_are_sound()


def test_the_same_file_again_says_when_it_was_read_and_changes_nothing(tmp_path):
    shop = a_gift_shop()
    path = a_history(tmp_path, days=9)
    first = read(path, "jsonl", tmp_path / "report.csv")
    before = books(shop)

    again = read(path, "jsonl", tmp_path / "report.csv")

    assert again[0].startswith("history.jsonl was read completely on ")
    assert again[0].endswith("; --again reads it once more.")
    assert summary(again) == summary(first)
    assert books(shop) == before


def test_reading_a_file_once_more_from_its_beginning_changes_nothing_in_the_books(tmp_path):
    shop = a_gift_shop()
    path = a_history(tmp_path, days=9)
    first = summary(read(path, "jsonl", tmp_path / "report.csv"))
    before = books(shop)

    again = summary(read(path, "jsonl", tmp_path / "report.csv", "--again"))

    assert books(shop) == before
    assert again["orders known before"] == first["orders"]
    assert again["returns known before"] == first["returns"]
    assert "orders" not in again
    assert again.get("new members", 0) == 0
    assert Member.objects.count() == CUSTOMERS


def test_the_same_orders_in_another_file_change_nothing_either(tmp_path):
    shop = a_gift_shop()
    path = a_history(tmp_path, days=9)
    read(path, "jsonl", tmp_path / "report.csv")
    before = books(shop)
    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    again = summary(read(path, "jsonl", tmp_path / "report.csv"))

    assert again["orders known before"] == 9 * CUSTOMERS
    assert books(shop) == before


def test_the_size_of_a_batch_changes_nothing(tmp_path):
    small, large = a_gift_shop("small"), a_gift_shop("large")
    path = a_history(tmp_path, days=15)

    first = read(path, "jsonl", tmp_path / "1.csv", "--programme", "small", "--batch", "1")
    second = read(path, "jsonl", tmp_path / "2.csv", "--programme", "large", "--batch", "10000")

    assert summary(first) == summary(second)
    assert books(small) == books(large)


def test_progress_is_told_while_it_goes(tmp_path, monkeypatch):
    a_gift_shop()
    # Nobody waits five seconds in a test.
    monkeypatch.setattr(import_orders, "TELL_EVERY", 0.0)

    printed = read(a_history(tmp_path, days=9), "jsonl", tmp_path / "report.csv", "--batch", "20")

    told = [line for line in printed if line.endswith(" a second")]
    assert [line.split(" documents, ")[0] for line in told] == ["  20", "  40", "  60", "  80", "  93"]
    assert printed[-1].startswith("Read in ")
    assert printed[-1].endswith(f"Rows that need a look: 12, in {tmp_path / 'report.csv'}")


def test_an_import_that_waits_in_a_circle_with_a_till_tries_again_and_goes_on(tmp_path):
    """The import holds the customer's wallet and wants the sale; the till holds the sale and wants the wallet."""
    shop = a_gift_shop()
    read(a_history(tmp_path, days=1), "jsonl", tmp_path / "1.csv")
    sale = Order.objects.get(reference="0-1")
    wallet_id = sale.member.wallet_id

    with a_connection() as till:
        # The import is the one that gives up: it looks for circles after a second, the till never.
        till.execute("SET deadlock_timeout = '1min'")
        till.execute("SELECT FROM orders_order WHERE id = %s FOR NO KEY UPDATE", [sale.pk])
        process = forked(one_more_visit(tmp_path), tmp_path / "2.csv")
        wait_for(lambda: waiting() == 1)
        till.execute("SELECT FROM ledger_account WHERE wallet_id = %s FOR NO KEY UPDATE", [wallet_id])
        till.commit()
    end(process)

    assert process.exitcode == 0
    # 4 points less one loaf of three, and then 9 points less one loaf of the same three sold today.
    assert balances(shop)["C1"] == 3 + 9 - 3
    assert books_are_sound()


def one_more_visit(tmp_path):
    """Customer 1 buys, and brings back a loaf of the day."""
    shared = {"source": "webshop", "customer": {"source": "webshop", "external_id": "C1"}}
    bread = {"sku": "BREAD", "quantity": 3, "amount": "9.00"}
    bought = {
        "kind": "order",
        "reference": "N",
        "placed_at": "2010-05-01T08:00:00Z",
        "currency": "GBP",
        "lines": [bread],
    }
    returned = {
        "kind": "return",
        "reference": "RN",
        "returned_at": "2010-05-01T20:00:00Z",
        "lines": [{"sku": "BREAD", "quantity": 1}],
    }
    path = tmp_path / "visit.jsonl"
    path.write_text("".join(json.dumps(shared | line) + "\n" for line in (bought, returned)), encoding="utf-8")
    return path


def a_connection():
    settings = connections["default"].get_connection_params()
    return psycopg.connect(**{name: settings[name] for name in ("dbname", "user", "host", "port")})


def waiting():
    """How many sessions of this database wait for a lock."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("name", "content", "form", "sentence"),
    [
        ("x.parquet", b"kind,reference\n", "uci", "x.parquet is not a Parquet file: "),
        ("x.csv", b"kind,reference\n1,2\n", "uci", "x.csv lacks the columns invoice_no, "),
        ("x.jsonl", b'{"a": 1}\n', "uci", "x.jsonl line 1 is no JSON object with invoice_no, "),
        ("x.jsonl", b"kind,reference\n", "uci", "x.jsonl line 1 is not JSON: "),
        ("x.csv.gz", b"kind,reference\n1,2\n", "uci", "x.csv.gz is not a whole gzip file: "),
        ("x.jsonl", b"PAR1\x00\xff\xfe", "jsonl", "x.jsonl is no file of JSON lines, "),
        ("x.jsonl.gz", b"\x1f\x8b\x08\x00", "jsonl", "x.jsonl.gz is not a whole gzip file: "),
    ],
)
def test_a_file_of_another_kind_stops_with_one_sentence(tmp_path, name, content, form, sentence):
    a_gift_shop()
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CommandError) as stopped:
        read(path, form, tmp_path / "report.csv")

    assert str(stopped.value).startswith(f"Stopped after 0 documents: {sentence}")
    assert "\n" not in str(stopped.value)
    assert Order.objects.count() == 0


def test_a_file_that_is_not_there_and_a_report_that_can_not_be_written_are_told_before_anything_is_read(tmp_path):
    a_gift_shop()
    path = a_history(tmp_path, days=1)

    with pytest.raises(CommandError, match=r"nothing\.jsonl can't be read: No such file or directory\."):
        read(tmp_path / "nothing.jsonl", "jsonl", tmp_path / "report.csv")
    with pytest.raises(CommandError, match=r"report\.csv can't be written: .* --errors names another place\."):
        read(path, "jsonl", tmp_path / "no folder" / "report.csv")

    assert Order.objects.count() == 0


def test_a_programme_must_be_named_when_there_are_several(tmp_path):
    a_gift_shop("one")
    a_gift_shop("two")
    path = a_history(tmp_path, days=1)

    with pytest.raises(CommandError, match=r"--programme  names no single programme; there are: one, two\."):
        read(path, "jsonl", tmp_path / "report.csv")
    with pytest.raises(CommandError, match=r"--programme three names no single programme; there are: one, two\."):
        read(path, "jsonl", tmp_path / "report.csv", "--programme", "three")


def test_a_source_is_refused_where_the_file_says_it(tmp_path):
    a_gift_shop()

    with pytest.raises(CommandError, match="--source has no meaning for --format jsonl"):
        read(a_history(tmp_path, days=1), "jsonl", tmp_path / "report.csv", "--source", "till")


def test_a_finished_part_stays_finished_when_it_is_finished_again(tmp_path):
    file = ImportedFile(b"\0" * 32, "uci")
    (run,) = begin_import(programme=a_gift_shop(), file=file, file_name="x", at=NOON)

    finish_import(run=run, at=NOON)
    finish_import(run=run, at=NOON.replace(year=2030))

    run.refresh_from_db()
    assert run.finished_at == NOON
