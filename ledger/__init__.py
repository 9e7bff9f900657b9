"""The books: units, accounts, postings, entries, lots, holds. Knows points, never people."""
