"""What is asked of the books about amounts that wallets give each other; `ledger.verification` asks all."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One promise of the books; `query` returns a row per difference, described by its first column."""

    name: str
    query: str


OF_MOVES = (
    Check(
        "what arrived from another wallet was taken out of the lot that it names, by the same posting",
        """
        SELECT format('posting %s moves %s out of lot %s, which gave %s', posting_id, arrived, from_lot_id, gave)
          FROM (SELECT lot.posting_id, origin.from_lot_id, sum(lot.earned) AS arrived,
                       coalesce((SELECT sum(used.amount) FROM ledger_lotuse used
                                  WHERE used.lot_id = origin.from_lot_id AND used.posting_id = lot.posting_id), 0)
                       AS gave
                  FROM ledger_lotorigin origin JOIN ledger_lot lot ON lot.id = origin.lot_id
                  JOIN ledger_posting posting ON posting.id = lot.posting_id AND posting.kind = 'TRANSFER'
                 GROUP BY lot.posting_id, origin.from_lot_id) moved
         WHERE arrived > gave
        UNION ALL
        SELECT format('origin %s names wallet %s for a lot of another', origin.id, origin.from_wallet_id)
          FROM ledger_lotorigin origin
          LEFT JOIN ledger_lot lot ON lot.id = origin.lot_id AND lot.wallet_id = origin.wallet_id
          LEFT JOIN ledger_lot giver ON giver.id = origin.from_lot_id AND giver.wallet_id = origin.from_wallet_id
         WHERE lot.id IS NULL OR giver.id IS NULL
        UNION ALL
        SELECT format('lot %s arrived by posting %s and does not say from where', lot.id, lot.posting_id)
          FROM ledger_posting posting JOIN ledger_lot lot ON lot.posting_id = posting.id
          LEFT JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
         WHERE posting.kind = 'TRANSFER' AND origin.id IS NULL
        """,
    ),
    Check(
        "every transfer between members moved or keeps exactly what its row says",
        """
        SELECT format('transfer %s is %s, and no posting of it moves that', transfer.id, transfer.state)
          FROM ledger_transfer transfer
          LEFT JOIN ledger_posting posting ON posting.id = transfer.posting_id AND posting.kind = 'TRANSFER'
           AND posting.programme_id = transfer.programme_id AND posting.source = 'transfer'
           AND posting.reference = transfer.id::text
          LEFT JOIN ledger_entry gave ON gave.posting_id = posting.id AND gave.wallet_id = transfer.from_wallet_id
           AND gave.unit_id = transfer.unit_id AND gave.amount = -(transfer.amount + transfer.fee)
          LEFT JOIN ledger_entry got ON got.posting_id = posting.id AND got.wallet_id = transfer.to_wallet_id
           AND got.unit_id = transfer.unit_id AND got.amount = transfer.amount
         WHERE transfer.state IN ('ACCEPTED', 'DONE') AND (gave.id IS NULL OR got.id IS NULL)
        UNION ALL
        SELECT format('posting %s moves a transfer that is not there', posting.id) FROM ledger_posting posting
          LEFT JOIN ledger_transfer transfer ON transfer.posting_id = posting.id
         WHERE posting.kind = 'TRANSFER' AND posting.source = 'transfer' AND transfer.id IS NULL
        UNION ALL
        SELECT format('transfer %s is %s, its hold is not', transfer.id, transfer.state)
          FROM ledger_transfer transfer
          LEFT JOIN ledger_hold hold ON hold.id = transfer.hold_id AND hold.source = 'transfer'
           AND hold.reference = transfer.id::text AND hold.wallet_id = transfer.from_wallet_id
           AND hold.amount = transfer.amount + transfer.fee AND hold.expires_at = transfer.ends_at
           AND CASE WHEN transfer.state = 'OFFERED' THEN hold.state = 'HELD' OR hold.closed_at = hold.expires_at
                    ELSE hold.state = 'RELEASED' END
         WHERE transfer.state <> 'DONE' AND hold.id IS NULL
        UNION ALL
        SELECT format('hold %s keeps an offer that is not there', hold.id) FROM ledger_hold hold
          LEFT JOIN ledger_transfer transfer ON transfer.hold_id = hold.id
         WHERE hold.source = 'transfer' AND transfer.id IS NULL
        UNION ALL
        SELECT format('transfer %s is open longer than lot %s lives', transfer.id, lot.id)
          FROM ledger_transfer transfer JOIN ledger_holdlot part ON part.hold_id = transfer.hold_id
          JOIN ledger_lot lot ON lot.id = part.lot_id WHERE lot.expires_at < transfer.ends_at
        """,
    ),
    Check(
        "each lot of a pool names who gave it, was neither earned nor made there, and goes home to nobody else",
        """
        SELECT format('lot %s of pool %s does not say who gave it', lot.id, pool.id) FROM ledger_wallet pool
          JOIN ledger_account account ON account.wallet_id = pool.id JOIN ledger_lot lot ON lot.account_id = account.id
          LEFT JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
          LEFT JOIN ledger_posting posting
            ON posting.id = lot.posting_id AND posting.kind IN ('TRANSFER', 'REVERSE')
         WHERE pool.is_pool AND (origin.id IS NULL OR posting.id IS NULL)
        UNION ALL
        SELECT format('lot %s came home to wallet %s, which had not given it', home.lot_id, home.wallet_id)
          FROM ledger_wallet pool JOIN ledger_lotorigin home ON home.from_wallet_id = pool.id
          LEFT JOIN ledger_lotorigin given
            ON given.lot_id = home.from_lot_id AND given.from_wallet_id = home.wallet_id
         WHERE pool.is_pool AND given.id IS NULL
        UNION ALL
        SELECT format('posting %s gives wallet %s back %s of %s that were spent of it', back.corrects_id,
                      back.from_wallet_id, back.amount, coalesce(spent.amount, 0))
          FROM (SELECT correction.corrects_id, origin.from_wallet_id, sum(lot.earned) AS amount
                  FROM ledger_posting correction JOIN ledger_lot lot ON lot.posting_id = correction.id
                  JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
                 WHERE correction.kind = 'REVERSE' GROUP BY correction.corrects_id, origin.from_wallet_id) back
          LEFT JOIN (SELECT used.posting_id, origin.from_wallet_id, sum(used.amount) AS amount FROM ledger_lotuse used
                       JOIN ledger_lotorigin origin ON origin.lot_id = used.lot_id
                      GROUP BY used.posting_id, origin.from_wallet_id) spent
            ON spent.posting_id = back.corrects_id AND spent.from_wallet_id = back.from_wallet_id
         WHERE back.amount > coalesce(spent.amount, 0)
        """,
    ),
)
