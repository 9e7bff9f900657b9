-- Giving spent points back: in parts, or all that is left of a spending.

-- How much of a spending was given back so far.
CREATE FUNCTION ledger_given_back(p_burn bigint) RETURNS bigint
LANGUAGE sql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
  SELECT coalesce(sum(entry.amount), 0)::bigint FROM ledger_posting earlier
    JOIN ledger_entry entry ON entry.posting_id = earlier.id AND entry.wallet_id IS NOT NULL
   WHERE earlier.corrects_id = p_burn AND earlier.kind = 'REVERSE'
$$;

-- Put a part of a spending back into its lots: what was taken last returns first, behind the `p_given` that returned before. So the
-- part depends on sums only, and many small ones restore what one big one does. What has lapsed comes back in a grace lot, in a pool in
-- one for each lot, which names whose it is as that did.
CREATE FUNCTION ledger_put_back(
  p_posting bigint, p_burn bigint, p_given bigint, p_amount bigint, p_at timestamptz, p_grace_until timestamptz
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE spent record; lapsed bigint;
BEGIN
  SELECT programme_id, wallet_id, account_id INTO spent FROM ledger_entry WHERE posting_id = p_burn AND wallet_id IS NOT NULL;
  WITH part AS (
    SELECT lot_id, least(upto, p_given + p_amount) - greatest(upto - amount, p_given) AS amount
      FROM (SELECT lot_id, amount, sum(amount) OVER (ORDER BY id DESC) AS upto FROM ledger_lotuse WHERE posting_id = p_burn) used
     WHERE upto > p_given AND upto - amount < p_given + p_amount
  ), back AS (
    UPDATE ledger_lot lot SET remaining = lot.remaining + part.amount
      FROM part WHERE lot.id = part.lot_id AND (lot.expires_at IS NULL OR lot.expires_at > p_at)
    RETURNING lot.id, part.amount
  )
  INSERT INTO ledger_lotuse (programme_id, wallet_id, posting_id, lot_id, amount)
  SELECT spent.programme_id, spent.wallet_id, p_posting, back.id, -back.amount FROM back;
  SELECT p_amount - coalesce(-sum(amount), 0) INTO lapsed FROM ledger_lotuse WHERE posting_id = p_posting;
  IF lapsed > 0 THEN
    IF EXISTS (SELECT FROM ledger_wallet WHERE id = spent.wallet_id AND is_pool) THEN
      PERFORM ledger_put_back_lapsed(p_posting, p_burn, p_given, p_amount, p_at, p_grace_until);
    ELSE
      INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at)
      VALUES (spent.programme_id, spent.wallet_id, spent.account_id, p_posting, lapsed, lapsed, 0, p_at, p_grace_until);
    END IF;
  END IF;
END $$;

-- Give back `p_amount` of a spending, or with null all that is left of it. `posting` is null when there is not so much: then `left_over`
-- says what there is. A repeat answers what the first did; `fresh` is false then.
CREATE FUNCTION ledger_refund(
  p_burn bigint, p_amount bigint, p_source text, p_reference text, p_at timestamptz, p_grace_until timestamptz, p_actor text,
  OUT posting bigint, OUT fresh boolean, OUT amount bigint, OUT left_over bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE burn record; spent record; earlier record; given bigint;
BEGIN
  SELECT * INTO STRICT burn FROM ledger_posting WHERE id = p_burn AND kind = 'BURN';
  SELECT entry.account_id, entry.wallet_id, entry.unit_id, -entry.amount AS amount INTO spent
    FROM ledger_entry entry WHERE entry.posting_id = p_burn AND entry.wallet_id IS NOT NULL;
  PERFORM ledger_lock(spent.wallet_id, p_at);
  SELECT posted.id, posted.corrects_id, entry.amount INTO earlier
    FROM ledger_posting posted JOIN ledger_entry entry ON entry.posting_id = posted.id AND entry.wallet_id IS NOT NULL
   WHERE posted.programme_id = burn.programme_id AND posted.source = p_source AND posted.kind = 'REVERSE'
     AND posted.reference = p_reference;
  fresh := earlier.id IS NULL;
  IF NOT fresh THEN
    IF earlier.corrects_id <> p_burn OR earlier.amount <> p_amount THEN
      PERFORM ledger_refuse_reference(p_reference);
    END IF;
    posting := earlier.id;
    amount := earlier.amount;
    RETURN;
  END IF;
  given := ledger_given_back(p_burn);
  left_over := spent.amount - given;
  amount := coalesce(p_amount, left_over);
  IF amount > left_over OR amount = 0 THEN
    RETURN;
  END IF;
  posting := ledger_post(burn.programme_id, spent.unit_id, 'REVERSE', p_source, p_reference, p_burn, p_actor, p_at,
                         ARRAY[spent.account_id, ledger_account_of(burn.programme_id, NULL, spent.unit_id, 'REDEMPTION')],
                         ARRAY[amount, -amount]);
  IF posting IS NULL THEN
    -- Another wallet took the reference while this one waited for it.
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
  PERFORM ledger_put_back(posting, p_burn, given, amount, p_at, p_grace_until);
  PERFORM ledger_settle(spent.wallet_id, p_at);
END $$;

-- Undo a spending: all that was not given back before. `posting` is null when nothing is left of it.
CREATE FUNCTION ledger_reverse(
  p_burn bigint, p_at timestamptz, p_grace_until timestamptz, p_actor text, OUT posting bigint, OUT fresh boolean
) LANGUAGE sql AS $$
  SELECT undone.posting, undone.fresh
    FROM ledger_refund(p_burn, NULL, 'ledger', p_burn::text, p_at, p_grace_until, p_actor) AS undone
$$;

-- Lock several wallets in the order in which everybody does, for those who go on with one after the other: the pools that they fill or
-- filled, then they themselves with those who left these pools.
CREATE FUNCTION ledger_lock_all(p_wallets bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE pools bigint[];
BEGIN
  SELECT array_agg(DISTINCT pool_id) INTO pools FROM ledger_poolmember WHERE pool_id = ANY (p_wallets) OR wallet_id = ANY (p_wallets);
  IF pools IS NOT NULL THEN
    PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (pools) ORDER BY wallet_id, id FOR NO KEY UPDATE;
    SELECT p_wallets || array_agg(wallet_id) INTO p_wallets FROM ledger_poolmember WHERE pool_id = ANY (pools) AND left_at IS NOT NULL;
  END IF;
  PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (p_wallets) ORDER BY wallet_id, id FOR NO KEY UPDATE;
END $$;
