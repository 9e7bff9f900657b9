-- Every write of the books. One order of locks everywhere: accounts of pools, then those of other wallets, each by wallet, then by id;
-- nothing of the ledger is locked after them.
-- Sequential scans are off because the planner knows nothing about the size of an array and would read whole tables for one wallet.
-- Plans are generic because a statement would else be planned anew at every call, which costs more than running it.

-- The account of a wallet, or with a null wallet the programme's own; made when it is missing. (`IS NOT DISTINCT FROM` would not
-- use the index.) Called by functions that told the planner what they need; to tell it again costs more than the look-up.
CREATE FUNCTION ledger_account_of(p_programme bigint, p_wallet bigint, p_unit bigint, p_kind text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found_id bigint;
BEGIN
  FOR attempt IN 1..2 LOOP
    IF p_wallet IS NULL THEN
      SELECT id INTO found_id FROM ledger_account
       WHERE wallet_id IS NULL AND unit_id = p_unit AND kind = p_kind AND programme_id = p_programme;
    ELSE
      SELECT id INTO found_id FROM ledger_account
       WHERE wallet_id = p_wallet AND unit_id = p_unit AND kind = p_kind AND programme_id = p_programme;
    END IF;
    EXIT WHEN found_id IS NOT NULL;
    INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)
    VALUES (p_programme, p_wallet, p_unit, p_kind, 0, 0, 0) ON CONFLICT DO NOTHING;
  END LOOP;
  RETURN found_id;
END $$;

-- Undo the whole statement: nothing of it may stand when one of its references stands for something else.
CREATE FUNCTION ledger_refuse_reference(p_reference text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the reference stands for something else'
    USING ERRCODE = 'unique_violation', CONSTRAINT = 'reference_is_reused', DETAIL = p_reference;
END $$;

-- Give back what holds kept. They ended at `p_at`, or by themselves before.
CREATE FUNCTION ledger_close_holds(p_holds bigint[], p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE ledger_lot lot SET reserved = lot.reserved - part.amount
    FROM (SELECT lot_id, sum(amount) AS amount FROM ledger_holdlot WHERE hold_id = ANY (p_holds) GROUP BY lot_id) part
   WHERE lot.id = part.lot_id;
  UPDATE ledger_account account SET held = account.held - freed.amount
    FROM (SELECT account_id, sum(amount) AS amount FROM ledger_hold WHERE id = ANY (p_holds) GROUP BY account_id) freed
   WHERE account.id = freed.account_id;
  UPDATE ledger_hold SET state = 'RELEASED', closed_at = least(p_at, expires_at) WHERE id = ANY (p_holds);
END $$;

-- Lock a wallet, free the reservations whose time is over, and offset arrears against what is free by now. With a pool those are
-- locked who left it: what comes free of theirs goes home at once (see pooling.sql).
CREATE FUNCTION ledger_lock(p_wallet bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE lapsed bigint[];
BEGIN
  PERFORM 1 FROM ledger_account WHERE wallet_id = p_wallet ORDER BY wallet_id, id FOR NO KEY UPDATE;
  -- Statements of their own: they see what was written while the one above waited.
  IF EXISTS (SELECT FROM ledger_poolmember WHERE pool_id = p_wallet AND left_at IS NOT NULL) THEN
    PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (ledger_gone_from(p_wallet)) ORDER BY wallet_id, id FOR NO KEY UPDATE;
  END IF;
  SELECT array_agg(hold.id) INTO lapsed
    FROM ledger_account account JOIN ledger_hold hold ON hold.account_id = account.id
   WHERE account.wallet_id = p_wallet AND hold.state = 'HELD' AND hold.expires_at <= p_at;
  IF lapsed IS NOT NULL THEN
    PERFORM ledger_close_holds(lapsed, p_at);
  END IF;
  PERFORM ledger_settle(p_wallet, p_at);
END $$;

-- The lots that pay `p_amount` at `p_at`: soonest to expire first, then oldest, or the newest where the unit says so. `total` is less
-- when they do not suffice. Two queries, because only the first can walk an index and stop.
CREATE FUNCTION ledger_pick(p_account bigint, p_amount bigint, p_at timestamptz, OUT lots bigint[], OUT amounts bigint[], OUT total bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE lot record; payers refcursor;
BEGIN
  lots := '{}'; amounts := '{}'; total := 0;
  IF (SELECT unit.spend_order FROM ledger_account account JOIN ledger_unit unit ON unit.id = account.unit_id WHERE account.id = p_account) = 'NEWEST' THEN
    OPEN payers FOR
    SELECT newest.id, newest.remaining - newest.reserved AS free FROM ledger_lot newest
     WHERE newest.account_id = p_account AND newest.remaining > 0 AND newest.remaining > newest.reserved
       AND newest.active_from <= p_at AND (newest.expires_at IS NULL OR newest.expires_at > p_at)
     ORDER BY newest.id DESC;
  ELSE
    OPEN payers FOR
    SELECT id, remaining - reserved AS free FROM ledger_lot
     WHERE account_id = p_account AND remaining > 0 AND remaining > reserved
       AND active_from <= p_at AND (expires_at IS NULL OR expires_at > p_at)
     ORDER BY expires_at, id;
  END IF;
  LOOP
    EXIT WHEN total >= p_amount;
    FETCH payers INTO lot;
    EXIT WHEN NOT FOUND;
    lots := lots || lot.id;
    amounts := amounts || least(lot.free, p_amount - total);
    total := total + least(lot.free, p_amount - total);
  END LOOP;
  CLOSE payers;
END $$;

-- Write down which lots a posting used.
CREATE FUNCTION ledger_use(p_programme bigint, p_wallet bigint, p_posting bigint, p_lots bigint[], p_amounts bigint[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO ledger_lotuse (programme_id, wallet_id, posting_id, lot_id, amount)
  SELECT p_programme, p_wallet, p_posting, part.lot_id, part.amount FROM unnest(p_lots, p_amounts) AS part (lot_id, amount);
$$;

-- Take picked amounts out of their lots.
CREATE FUNCTION ledger_consume(p_programme bigint, p_wallet bigint, p_posting bigint, p_lots bigint[], p_amounts bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE ledger_lot lot SET remaining = lot.remaining - part.amount
    FROM unnest(p_lots, p_amounts) AS part (lot_id, amount) WHERE lot.id = part.lot_id;
  PERFORM ledger_use(p_programme, p_wallet, p_posting, p_lots, p_amounts);
END $$;

-- One posting with its entries; the caller holds the locks. Null when it is posted already. Without a unit each entry is of the unit
-- of its account.
CREATE FUNCTION ledger_post(
  p_programme bigint, p_unit bigint, p_kind text, p_source text, p_reference text, p_corrects bigint,
  p_actor text, p_at timestamptz, p_accounts bigint[], p_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE posting_id bigint;
BEGIN
  INSERT INTO ledger_posting (programme_id, kind, source, reference, corrects_id, actor, occurred_at)
  VALUES (p_programme, p_kind, p_source, p_reference, p_corrects, p_actor, p_at)
  ON CONFLICT DO NOTHING RETURNING id INTO posting_id;
  IF posting_id IS NULL THEN
    RETURN NULL;
  END IF;
  WITH leg AS (
    SELECT account_id, amount FROM unnest(p_accounts, p_amounts) AS leg (account_id, amount) WHERE amount <> 0
  ), moved AS (
    UPDATE ledger_account account SET balance = account.balance + leg.amount, seq = account.seq + 1
      FROM leg WHERE account.id = leg.account_id AND account.wallet_id IS NOT NULL
    RETURNING account.id, account.seq, account.balance
  )
  INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq, balance_after)
  SELECT p_programme, account.wallet_id, posting_id, leg.account_id, coalesce(p_unit, account.unit_id), leg.amount, moved.seq, moved.balance
    FROM leg JOIN ledger_account account ON account.id = leg.account_id LEFT JOIN moved ON moved.id = leg.account_id;
  RETURN posting_id;
END $$;

-- Offset arrears against what a locked wallet can spend, so that nobody can both owe and spend. A pool owes nobody anything but what is
-- free of those who left.
CREATE FUNCTION ledger_settle(p_wallet bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE debt record; own bigint; taken record; posting_id bigint;
BEGIN
  IF EXISTS (SELECT FROM ledger_poolmember WHERE pool_id = p_wallet AND left_at IS NOT NULL) THEN
    PERFORM ledger_send_gone_home(p_wallet, p_at);
  END IF;
  FOR debt IN
    SELECT id, programme_id, unit_id, balance, seq FROM ledger_account
     WHERE wallet_id = p_wallet AND kind = 'ARREARS' AND balance < 0 ORDER BY id
  LOOP
    own := ledger_account_of(debt.programme_id, p_wallet, debt.unit_id, 'MEMBER');
    taken := ledger_pick(own, -debt.balance, p_at);
    CONTINUE WHEN taken.total = 0;
    posting_id := ledger_post(debt.programme_id, debt.unit_id, 'SETTLE', 'ledger', format('arrears:%s:%s', debt.id, debt.seq + 1),
                              NULL, 'ledger', p_at, ARRAY[own, debt.id], ARRAY[-taken.total, taken.total]);
    PERFORM ledger_consume(debt.programme_id, p_wallet, posting_id, taken.lots, taken.amounts);
  END LOOP;
END $$;

-- Ids for postings that are named before they are written.
CREATE FUNCTION ledger_new_posting_ids(p_count integer) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE ids bigint[] := '{}';
BEGIN
  FOR i IN 1..p_count LOOP
    ids[i] := nextval('ledger_posting_id_seq');
  END LOOP;
  RETURN ids;
END $$;

-- What is left of a locked account at `p_at` lives until `p_until`, or longer if it did so before.
CREATE FUNCTION ledger_keep_alive(p_account bigint, p_at timestamptz, p_until timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE ledger_lot SET expires_at = p_until
   WHERE account_id = p_account AND remaining > 0 AND expires_at > p_at AND expires_at < p_until AND NOT has_own_end;
END $$;

-- Many earnings, each its own posting, entries and lot. They come as one JSON value, because escaping nine arrays takes nearly half
-- of the client's time. An account is moved once for items of it that follow each other, which gives each entry its number and balance
-- without joins and windows; all else is written by statements for all. Returns the postings in the order of the items, null for those that were posted before;
-- refuses all when one of these has another content, or names the id of a posting that was to be new.
CREATE FUNCTION ledger_accrue(p_programme bigint, p_actor text, p_items json) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  items ledger_earning[]; item ledger_earning; other ledger_earning; wallets bigint[]; ids bigint[]; accounts bigint[]; issuances bigint[]; seqs bigint[];
  balances bigint[]; posted integer; issuance bigint; issuance_unit bigint; own record; debt record;
  run_end integer := 0; run_amount bigint; run_entries integer; run_earned timestamptz;
BEGIN
  SELECT array_agg(x), array_agg(x.wallet_id), array_agg(coalesce(x.posting_id, nextval('ledger_posting_id_seq')))
    INTO items, wallets, ids FROM json_populate_recordset(NULL::ledger_earning, p_items) AS x;
  IF (SELECT count(*) FROM unnest(items) AS x JOIN ledger_account account ON account.wallet_id = x.wallet_id
         AND account.unit_id = x.unit_id AND account.kind = 'MEMBER' AND account.programme_id = p_programme) < cardinality(ids) THEN
    INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)
    SELECT DISTINCT p_programme, x.wallet_id, x.unit_id, 'MEMBER', 0, 0, 0 FROM unnest(items) AS x
     ORDER BY x.wallet_id, x.unit_id ON CONFLICT DO NOTHING;
  END IF;
  PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (wallets) ORDER BY wallet_id, id FOR NO KEY UPDATE;

  INSERT INTO ledger_posting (id, programme_id, kind, source, reference, actor, occurred_at)
  SELECT x.id, p_programme, 'ACCRUE', x.source, x.reference, p_actor, x.occurred_at
    FROM unnest(ids, items) AS x (id, wallet_id, unit_id, amount, source, reference, occurred_at) ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS posted = ROW_COUNT;
  IF posted < cardinality(ids) THEN
    -- What was posted before has no row under its new id.
    SELECT array_agg(fresh.id ORDER BY x.no) INTO ids
      FROM unnest(ids) WITH ORDINALITY AS x (id, no) LEFT JOIN ledger_posting fresh ON fresh.id = x.id;
  END IF;

  FOR i IN 1..cardinality(ids) LOOP
    item := items[i];
    IF i > run_end THEN
      run_amount := 0; run_entries := 0; run_earned := NULL;
      FOR j IN i..cardinality(ids) LOOP
        other := items[j];
        EXIT WHEN other.wallet_id <> item.wallet_id OR other.unit_id <> item.unit_id;
        IF ids[j] IS NOT NULL THEN
          run_amount := run_amount + other.amount; run_entries := run_entries + 1; run_earned := greatest(run_earned, other.occurred_at);
        END IF;
        run_end := j;
      END LOOP;
      IF issuance_unit IS DISTINCT FROM item.unit_id THEN
        issuance_unit := item.unit_id;
        issuance := ledger_account_of(p_programme, NULL, issuance_unit, 'ISSUANCE');
      END IF;
      UPDATE ledger_account SET balance = balance + run_amount, seq = seq + run_entries, earned_at = greatest(earned_at, run_earned)
       WHERE wallet_id = item.wallet_id AND unit_id = item.unit_id AND kind = 'MEMBER' AND programme_id = p_programme
      RETURNING id, seq - run_entries AS seq, balance - run_amount AS balance INTO own;
    END IF;
    CONTINUE WHEN ids[i] IS NULL;
    own.seq := own.seq + 1; own.balance := own.balance + item.amount;
    accounts[i] := own.id; seqs[i] := own.seq; balances[i] := own.balance; issuances[i] := issuance;
  END LOOP;
  INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq, balance_after)
  SELECT p_programme, leg.wallet_id, x.id, leg.account_id, x.unit_id, leg.amount, leg.seq, leg.balance
    FROM unnest(ids, accounts, issuances, seqs, balances, items) AS x (id, account, issuance, seq, balance, wallet_id, unit_id, amount),
         LATERAL (VALUES (x.wallet_id, x.account, x.amount, x.seq, x.balance), (NULL, x.issuance, -x.amount, NULL, NULL))
           AS leg (wallet_id, account_id, amount, seq, balance)
   WHERE x.id IS NOT NULL;
  INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at, has_own_end)
  SELECT p_programme, x.wallet_id, x.account, x.id, x.amount, x.amount, 0, x.active_from, x.expires_at, coalesce(x.has_own_end, false)
    FROM unnest(ids, accounts, items)
      AS x (id, account, wallet_id, unit_id, amount, source, reference, occurred_at, active_from, expires_at, posting_id, has_own_end)
   WHERE x.id IS NOT NULL;
  -- An earning of today keeps what was earned before alive, where the policy says so.
  IF EXISTS (SELECT FROM unnest(items) AS x WHERE x.keeps_until IS NOT NULL) THEN
    PERFORM ledger_keep_alive(x.account, x.occurred_at, x.keeps_until)
       FROM unnest(ids, accounts, items) AS x (id, account, wallet_id, unit_id, amount, source, reference, occurred_at, active_from,
                                               expires_at, posting_id, has_own_end, keeps_until)
      WHERE x.id IS NOT NULL AND x.keeps_until IS NOT NULL;
  END IF;

  IF posted < cardinality(ids) THEN
    PERFORM ledger_refuse_reference(x.reference)
       FROM unnest(ids, items)
         AS x (id, wallet_id, unit_id, amount, source, reference, occurred_at, active_from, expires_at, named)
      WHERE x.id IS NULL AND (x.named IS NOT NULL OR NOT EXISTS (
              SELECT FROM ledger_posting earlier JOIN ledger_entry entry ON entry.posting_id = earlier.id
               WHERE earlier.programme_id = p_programme AND earlier.source = x.source AND earlier.kind = 'ACCRUE'
                 AND earlier.reference = x.reference AND entry.wallet_id = x.wallet_id AND entry.unit_id = x.unit_id
                 AND entry.amount = x.amount));
  END IF;
  -- Looked up only now: the claw-back that left the first debt of a wallet may be what the lock above waited for.
  IF EXISTS (SELECT FROM ledger_account WHERE wallet_id = ANY (wallets) AND kind = 'ARREARS' AND balance < 0) THEN
    FOR debt IN
      SELECT account.wallet_id, max(x.occurred_at) AS at FROM unnest(items) AS x JOIN ledger_account account USING (wallet_id)
       WHERE account.kind = 'ARREARS' AND account.balance < 0 GROUP BY account.wallet_id ORDER BY account.wallet_id
    LOOP
      PERFORM ledger_lock(debt.wallet_id, debt.at);
    END LOOP;
  END IF;
  RETURN ids;
END $$;

-- Spend. `posting` is null when the wallet cannot pay: then `spendable` says what it could. `fresh` is false for a repeat.
CREATE FUNCTION ledger_burn(
  p_programme bigint, p_wallet bigint, p_unit bigint, p_amount bigint, p_source text, p_reference text, p_at timestamptz,
  p_actor text, OUT posting bigint, OUT fresh boolean, OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE own bigint; taken record;
BEGIN
  PERFORM ledger_lock(p_wallet, p_at);
  SELECT id INTO posting FROM ledger_posting
   WHERE programme_id = p_programme AND source = p_source AND kind = 'BURN' AND reference = p_reference;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    RETURN;
  END IF;
  own := ledger_account_of(p_programme, p_wallet, p_unit, 'MEMBER');
  taken := ledger_pick(own, p_amount, p_at);
  spendable := taken.total;
  IF taken.total < p_amount THEN
    RETURN;
  END IF;
  posting := ledger_post(p_programme, p_unit, 'BURN', p_source, p_reference, NULL, p_actor, p_at,
                         ARRAY[own, ledger_account_of(p_programme, NULL, p_unit, 'REDEMPTION')], ARRAY[-p_amount, p_amount]);
  IF posting IS NULL THEN
    -- Another wallet took the reference while this one waited for it.
    SELECT id INTO posting FROM ledger_posting
     WHERE programme_id = p_programme AND source = p_source AND kind = 'BURN' AND reference = p_reference;
    fresh := false;
    RETURN;
  END IF;
  PERFORM ledger_consume(p_programme, p_wallet, posting, taken.lots, taken.amounts);
END $$;

-- Keep picked amounts of a locked account in a hold. Null when its reference is taken.
CREATE FUNCTION ledger_keep(
  p_account bigint, p_lots bigint[], p_amounts bigint[], p_source text, p_reference text, p_at timestamptz, p_until timestamptz
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE hold_id bigint; total bigint;
BEGIN
  SELECT sum(amount) INTO total FROM unnest(p_amounts) AS part (amount);
  INSERT INTO ledger_hold (programme_id, wallet_id, account_id, source, reference, amount, captured, state, held_at, expires_at)
  SELECT programme_id, wallet_id, id, p_source, p_reference, total, 0, 'HELD', p_at, p_until FROM ledger_account WHERE id = p_account
  ON CONFLICT (programme_id, source, reference) DO NOTHING RETURNING id INTO hold_id;
  IF hold_id IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO ledger_holdlot (hold_id, lot_id, amount)
  SELECT hold_id, part.lot_id, part.amount FROM unnest(p_lots, p_amounts) AS part (lot_id, amount);
  UPDATE ledger_lot lot SET reserved = lot.reserved + part.amount
    FROM unnest(p_lots, p_amounts) AS part (lot_id, amount) WHERE lot.id = part.lot_id;
  UPDATE ledger_account SET held = held + total WHERE id = p_account;
  RETURN hold_id;
END $$;

-- Reserve. `hold` is null when the wallet cannot pay: then `spendable` says what it could. `fresh` is false for a repeat.
CREATE FUNCTION ledger_reserve(
  p_programme bigint, p_wallet bigint, p_unit bigint, p_amount bigint, p_source text, p_reference text, p_at timestamptz,
  p_until timestamptz, OUT hold bigint, OUT fresh boolean, OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE own bigint; taken record;
BEGIN
  PERFORM ledger_lock(p_wallet, p_at);
  SELECT id INTO hold FROM ledger_hold WHERE programme_id = p_programme AND source = p_source AND reference = p_reference;
  fresh := hold IS NULL;
  IF NOT fresh THEN
    RETURN;
  END IF;
  own := ledger_account_of(p_programme, p_wallet, p_unit, 'MEMBER');
  taken := ledger_pick(own, p_amount, p_at);
  spendable := taken.total;
  IF taken.total < p_amount THEN
    RETURN;
  END IF;
  hold := ledger_keep(own, taken.lots, taken.amounts, p_source, p_reference, p_at, p_until);
  IF hold IS NULL THEN
    -- Another wallet took the reference while this one waited for it.
    SELECT id INTO hold FROM ledger_hold WHERE programme_id = p_programme AND source = p_source AND reference = p_reference;
    fresh := false;
  END IF;
END $$;

-- Spend up to what a hold keeps and free the rest. `posting` is null when the hold is not open any more.
CREATE FUNCTION ledger_capture(p_hold bigint, p_amount bigint, p_at timestamptz, p_actor text, OUT posting bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE hold record; own record; taken record;
BEGIN
  SELECT * INTO hold FROM ledger_hold WHERE id = p_hold;
  PERFORM ledger_lock(hold.wallet_id, p_at);
  SELECT * INTO hold FROM ledger_hold WHERE id = p_hold;
  IF hold.state <> 'HELD' THEN
    RETURN;
  END IF;
  SELECT * INTO own FROM ledger_account WHERE id = hold.account_id;
  SELECT array_agg(part.lot_id) AS lots, array_agg(part.amount::bigint) AS amounts INTO taken
    FROM (SELECT lot_id, least(amount, p_amount - (sum(amount) OVER (ORDER BY id) - amount)) AS amount
            FROM ledger_holdlot WHERE hold_id = p_hold) part WHERE part.amount > 0;
  UPDATE ledger_lot lot SET reserved = lot.reserved - part.amount
    FROM ledger_holdlot part WHERE part.hold_id = p_hold AND lot.id = part.lot_id;
  UPDATE ledger_account SET held = held - hold.amount WHERE id = hold.account_id;
  UPDATE ledger_hold SET state = 'CAPTURED', captured = p_amount, closed_at = p_at WHERE id = p_hold;
  posting := ledger_post(hold.programme_id, own.unit_id, 'BURN', hold.source, hold.reference, NULL, p_actor, p_at,
                         ARRAY[own.id, ledger_account_of(hold.programme_id, NULL, own.unit_id, 'REDEMPTION')],
                         ARRAY[-p_amount, p_amount]);
  IF posting IS NULL THEN
    PERFORM ledger_refuse_reference(hold.reference);
  END IF;
  PERFORM ledger_consume(hold.programme_id, hold.wallet_id, posting, taken.lots, taken.amounts);
  PERFORM ledger_settle(hold.wallet_id, p_at);
END $$;

-- Let a hold go before its time. False when it was not open any more.
CREATE FUNCTION ledger_release(p_hold bigint, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE hold record;
BEGIN
  SELECT * INTO hold FROM ledger_hold WHERE id = p_hold;
  PERFORM ledger_lock(hold.wallet_id, p_at);
  SELECT * INTO hold FROM ledger_hold WHERE id = p_hold;
  IF hold.state <> 'HELD' THEN
    RETURN false;
  END IF;
  PERFORM ledger_close_holds(ARRAY[p_hold], p_at);
  PERFORM ledger_settle(hold.wallet_id, p_at);
  RETURN true;
END $$;

-- How much of a lot expired unspent and was not set off against a claw-back yet.
CREATE FUNCTION ledger_lapsed_of(p_lot bigint, p_origin bigint, p_breakage bigint) RETURNS bigint
LANGUAGE sql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
  SELECT (SELECT coalesce(sum(used.amount), 0) FROM ledger_lotuse used
            JOIN ledger_posting expiry ON expiry.id = used.posting_id AND expiry.kind = 'EXPIRE' WHERE used.lot_id = p_lot)
       + (SELECT coalesce(sum(entry.amount), 0) FROM ledger_posting earlier
            JOIN ledger_entry entry ON entry.posting_id = earlier.id AND entry.account_id = p_breakage
           WHERE earlier.corrects_id = p_origin AND earlier.kind = 'CLAW_BACK')
$$;

-- Take back what a posting of `p_kind` brought, in part or whole: from its own lot, then against what expired of it, then from what of it
-- is in a pool, then from other lots; the rest is arrears. It returns to the programme's account `p_from`. Only what the own lot can't
-- give needs the longer way. A repeat answers what the first did; `fresh` is false then.
CREATE FUNCTION ledger_take_back(
  p_origin bigint, p_kind text, p_from text, p_amount bigint, p_source text, p_reference text, p_at timestamptz, p_actor text,
  OUT posting bigint, OUT fresh boolean, OUT taken bigint, OUT lapsed bigint, OUT owed bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  lot record; others record; breakage bigint; arrears bigint; origin_account bigint; own_part bigint; clawed bigint; earlier_origin bigint;
BEGIN
  SELECT ledger_lot.id, ledger_lot.wallet_id, ledger_lot.account_id, ledger_lot.programme_id, ledger_lot.earned, account.unit_id
    INTO STRICT lot FROM ledger_posting origin JOIN ledger_lot ON ledger_lot.posting_id = origin.id
    JOIN ledger_account account ON account.id = ledger_lot.account_id
   WHERE origin.id = p_origin AND origin.kind = p_kind;
  IF EXISTS (SELECT FROM ledger_lotorigin WHERE from_lot_id = lot.id) THEN
    PERFORM ledger_lock_all(ARRAY[lot.wallet_id]);
  END IF;
  PERFORM ledger_lock(lot.wallet_id, p_at);
  SELECT id, corrects_id INTO posting, earlier_origin FROM ledger_posting
   WHERE programme_id = lot.programme_id AND source = p_source AND kind = 'CLAW_BACK' AND reference = p_reference;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    SELECT coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'MEMBER'), 0),
           coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'BREAKAGE'), 0),
           coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'ARREARS'), 0) INTO taken, lapsed, owed
      FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id WHERE entry.posting_id = posting;
    IF earlier_origin <> p_origin OR taken + lapsed + owed <> p_amount THEN
      PERFORM ledger_refuse_reference(p_reference);
    END IF;
    RETURN;
  END IF;
  origin_account := ledger_account_of(lot.programme_id, NULL, lot.unit_id, p_from);
  SELECT coalesce(sum(entry.amount), 0) INTO clawed FROM ledger_posting earlier
    JOIN ledger_entry entry ON entry.posting_id = earlier.id AND entry.account_id = origin_account
   WHERE earlier.corrects_id = p_origin AND earlier.kind = 'CLAW_BACK';
  IF clawed + p_amount > lot.earned THEN
    RAISE EXCEPTION 'cannot take back % of % when % was taken back already', p_amount, lot.earned, clawed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'claw_back_within_earned';
  END IF;

  -- The own part leaves its lot before others are picked, so that it is not picked twice.
  WITH own AS (SELECT id, least(p_amount, remaining - reserved) AS part FROM ledger_lot WHERE id = lot.id)
  UPDATE ledger_lot SET remaining = remaining - own.part FROM own WHERE ledger_lot.id = own.id RETURNING own.part INTO own_part;
  taken := own_part;
  lapsed := 0;
  owed := 0;
  IF own_part < p_amount THEN
    breakage := ledger_account_of(lot.programme_id, NULL, lot.unit_id, 'BREAKAGE');
    lapsed := least(p_amount - own_part, ledger_lapsed_of(lot.id, p_origin, breakage) + ledger_lapsed_in_pools(lot.id, p_at));
    PERFORM ledger_recall(lot.id, lot.account_id, p_amount - own_part - lapsed, p_at);
    others := ledger_pick(lot.account_id, p_amount - own_part - lapsed, p_at);
    taken := own_part + others.total;
    owed := p_amount - taken - lapsed;
    arrears := CASE WHEN owed > 0 THEN ledger_account_of(lot.programme_id, lot.wallet_id, lot.unit_id, 'ARREARS') END;
  END IF;
  posting := ledger_post(lot.programme_id, lot.unit_id, 'CLAW_BACK', p_source, p_reference, p_origin, p_actor, p_at,
                         ARRAY[lot.account_id, arrears, breakage, origin_account], ARRAY[-taken, -owed, -lapsed, p_amount]);
  IF posting IS NULL THEN
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
  IF own_part > 0 THEN
    PERFORM ledger_use(lot.programme_id, lot.wallet_id, posting, ARRAY[lot.id], ARRAY[own_part]);
  END IF;
  IF own_part < p_amount THEN
    PERFORM ledger_consume(lot.programme_id, lot.wallet_id, posting, others.lots, others.amounts);
  END IF;
END $$;

-- Take back an earning, in part or whole.
CREATE FUNCTION ledger_claw_back(
  p_origin bigint, p_amount bigint, p_source text, p_reference text, p_at timestamptz, p_actor text,
  OUT posting bigint, OUT fresh boolean, OUT taken bigint, OUT lapsed bigint, OUT owed bigint
) LANGUAGE sql AS $$
  SELECT back.posting, back.fresh, back.taken, back.lapsed, back.owed
    FROM ledger_take_back(p_origin, 'ACCRUE', 'ISSUANCE', p_amount, p_source, p_reference, p_at, p_actor) AS back
$$;

-- Move lapsed lots to breakage, all of an account's at once, for at most `p_accounts` accounts (of one programme, if it is named);
-- returns how many lots.
CREATE FUNCTION ledger_expire(p_at timestamptz, p_accounts integer, p_actor text, p_programme bigint DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE accounts bigint[]; over bigint[]; expired integer;
BEGIN
  -- Accounts another session works on are left for the next round.
  SELECT array_agg(locked.id) INTO accounts FROM (
    SELECT account.id FROM ledger_account account WHERE account.id IN (
        SELECT lot.account_id FROM ledger_lot lot
         WHERE lot.expires_at <= p_at AND lot.remaining > 0 AND (p_programme IS NULL OR lot.programme_id = p_programme)
           AND (lot.remaining > lot.reserved
                OR EXISTS (SELECT FROM ledger_hold hold WHERE hold.account_id = lot.account_id AND hold.state = 'HELD'
                              AND hold.expires_at <= p_at)) LIMIT p_accounts * 4)
     ORDER BY account.wallet_id, account.id LIMIT p_accounts FOR NO KEY UPDATE SKIP LOCKED) locked;
  IF accounts IS NULL THEN
    RETURN 0;
  END IF;
  SELECT array_agg(id) INTO over FROM ledger_hold
   WHERE account_id = ANY (accounts) AND state = 'HELD' AND expires_at <= p_at;
  IF over IS NOT NULL THEN
    PERFORM ledger_close_holds(over, p_at);
  END IF;
  PERFORM ledger_account_of(programme_id, NULL, unit_id, 'BREAKAGE')
     FROM (SELECT DISTINCT programme_id, unit_id FROM ledger_account WHERE id = ANY (accounts)) own;

  -- What an account loses at one instant is one posting.
  WITH due AS MATERIALIZED (
    SELECT lot.id, lot.account_id, lot.expires_at, lot.remaining - lot.reserved AS amount FROM ledger_lot lot
     WHERE lot.account_id = ANY (accounts) AND lot.expires_at <= p_at AND lot.remaining > 0 AND lot.remaining > lot.reserved
  ), lost AS MATERIALIZED (
    SELECT nextval('ledger_posting_id_seq') AS posting_id, account.programme_id, account.wallet_id, account.unit_id, loss.*,
           account.seq + row_number() OVER running AS entry_no, account.balance - sum(loss.amount) OVER running AS balance_after
      FROM (SELECT account_id, expires_at, sum(amount)::bigint AS amount FROM due GROUP BY account_id, expires_at) loss
      JOIN ledger_account account ON account.id = loss.account_id
    WINDOW running AS (PARTITION BY account.id ORDER BY loss.expires_at)
  ), posted AS (
    INSERT INTO ledger_posting (id, programme_id, kind, source, reference, actor, occurred_at)
    SELECT posting_id, programme_id, 'EXPIRE', 'ledger', format('lapsed:%s:%s', account_id, entry_no), p_actor, expires_at FROM lost
  ), entries AS (
    INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq, balance_after)
    SELECT programme_id, wallet_id, posting_id, account_id, unit_id, -amount, entry_no, balance_after FROM lost
    UNION ALL
    SELECT lost.programme_id, NULL, lost.posting_id, breakage.id, lost.unit_id, lost.amount, NULL, NULL
      FROM lost JOIN ledger_account breakage ON breakage.wallet_id IS NULL AND breakage.unit_id = lost.unit_id
       AND breakage.kind = 'BREAKAGE' AND breakage.programme_id = lost.programme_id
  ), uses AS (
    INSERT INTO ledger_lotuse (programme_id, wallet_id, posting_id, lot_id, amount)
    SELECT lost.programme_id, lost.wallet_id, lost.posting_id, due.id, due.amount FROM due JOIN lost USING (account_id, expires_at)
  ), moved AS (
    UPDATE ledger_account account SET balance = account.balance - total.amount, seq = account.seq + total.entries
      FROM (SELECT account_id, sum(amount) AS amount, count(*) AS entries FROM lost GROUP BY account_id) total
     WHERE account.id = total.account_id
  ), emptied AS (
    UPDATE ledger_lot lot SET remaining = lot.remaining - due.amount FROM due WHERE lot.id = due.id RETURNING 1
  )
  SELECT count(*) INTO expired FROM emptied;
  RETURN expired;
END $$;
