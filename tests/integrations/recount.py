"""
The UCI history counted a second time, from its rows alone: nothing here knows how orders are stored, matched or booked.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas

# Lines that correct a sum; they may be negative.
CORRECTIONS = {"manual", "discount", "sample", "adjustment", "test"}
PENNY = Decimal(1)


@dataclass
class Sold:
    """A product line of a sale: pence, pieces, and how many of them came back."""

    when: Any
    invoice: str
    line_no: int
    pence: int
    pieces: int
    back: int = 0

    @property
    def left(self) -> int:
        return self.pence * (self.pieces - self.back) // self.pieces


class Recount:
    """What the history comes to: `counts` by the importer's own words, and every member's `balances`."""

    def __init__(self, rows: pandas.DataFrame) -> None:
        self.counts: Counter[str] = Counter()
        self.balances: dict[str, int] = {}
        self._sales: dict[str, list[Sold]] = {}
        self._bought: dict[tuple[str | None, str], list[Sold]] = defaultdict(list)
        self._stands: dict[str, int] = {}
        invoices: dict[str, list[Any]] = defaultdict(list)
        for row in rows.itertuples(index=False):
            invoices[row.invoice_no].append(row)
        for invoice, lines in invoices.items():
            self._count(invoice, lines)
        self.counts["documents"] = len(invoices)
        self.counts["new members"] = len(self.balances)

    def _count(self, invoice: str, lines: list[Any]) -> None:
        given = lines[0].customer_id
        customer = None if pandas.isna(given) else str(int(given))
        products = [line for line in lines if line.line_type == "product"]
        if lines[0].kind == "sale":
            self._sell(invoice, customer, lines, products)
        elif lines[0].kind == "cancellation" and products:
            self._take_back(customer, products)
        else:
            what = "cancellation without products" if lines[0].kind == "cancellation" else lines[0].kind
            self.counts[f"left out: {what}"] += 1

    def _sell(self, invoice: str, customer: str | None, lines: list[Any], products: list[Any]) -> None:
        if customer is not None:
            self.balances.setdefault(customer, 0)
        if any(line.line_type not in CORRECTIONS and (line.quantity <= 0 or line.unit_price < 0) for line in lines):
            self.counts["refused orders"] += 1
            return
        self.counts["orders"] += 1
        self.counts["order lines"] += len(lines)
        if customer is None:
            self.counts["orders of guests"] += 1
            return
        self._sales[invoice] = []
        for line in products:
            exact = Decimal(line.unit_price) * line.quantity * 100
            pence = int(exact.quantize(PENNY, ROUND_HALF_UP))
            sold = Sold(lines[0].invoice_ts, invoice, line.line_no, pence, line.quantity)
            self._sales[invoice].append(sold)
            self._bought[customer, line.stock_code].append(sold)
        self._stands[invoice] = sum(sold.pence for sold in self._sales[invoice]) // 100
        self.counts["points earned"] += self._stands[invoice]
        self.balances[customer] += self._stands[invoice]

    def _take_back(self, customer: str | None, products: list[Any]) -> None:
        self.counts["returns"] += 1
        touched: set[str] = set()
        for line in products:
            self.counts["returned lines"] += 1
            left = -line.quantity
            earlier = [sold for sold in self._bought[customer, line.stock_code] if sold.when <= products[0].invoice_ts]
            for sold in sorted(earlier, key=lambda sold: (sold.when, sold.invoice, -sold.line_no), reverse=True):
                pieces = min(left, sold.pieces - sold.back)
                sold.back += pieces
                left -= pieces
                if pieces:
                    touched.add(sold.invoice)
            self.counts["returned pieces matched"] += -line.quantity - left
            if left:
                self.counts["returned lines without a sale"] += 1
                self.counts["returned pieces without a sale"] += left
        for invoice in touched:
            self._adjust(invoice, customer)

    def _adjust(self, invoice: str, customer: str | None) -> None:
        assert customer is not None
        stays = sum(sold.left for sold in self._sales[invoice]) // 100
        gone = self._stands[invoice] - stays
        self.counts["points taken back"] += gone
        self.balances[customer] -= gone
        self._stands[invoice] = stays
