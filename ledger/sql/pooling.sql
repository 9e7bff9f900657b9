-- Pools: wallets that others fill. Each lot of a pool names whose it is, and goes home to nobody else.

CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_poolmember FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_poolmember EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stays_whose_it_is BEFORE UPDATE OF id, programme_id, pool_id, wallet_id ON ledger_poolmember
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stays_what_it_is BEFORE UPDATE OF is_pool ON ledger_wallet FOR EACH ROW EXECUTE FUNCTION ledger_append_only();

-- Nothing is earned, bought, adjusted or converted into a pool. What comes back is asked for by `verify_ledger`: whose it is stands in a
-- row that is written behind the lot.
CREATE FUNCTION ledger_pool_lots_are_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows JOIN ledger_wallet wallet ON wallet.id = new_rows.wallet_id AND wallet.is_pool
               JOIN ledger_posting posting ON posting.id = new_rows.posting_id
              WHERE posting.kind NOT IN ('TRANSFER', 'REVERSE')) THEN
    PERFORM ledger_refuse_row('pool_is_filled_by_its_members', 'a pool has only what its members gave');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER pool_lots_are_sound AFTER INSERT ON ledger_lot
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_pool_lots_are_sound();

-- Those who fill a pool are members' wallets of its programme.
CREATE FUNCTION ledger_pool_member_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_wallet pool JOIN ledger_wallet own ON own.id = NEW.wallet_id AND NOT own.is_pool
                  WHERE pool.id = NEW.pool_id AND pool.is_pool AND pool.programme_id = NEW.programme_id
                    AND own.programme_id = NEW.programme_id) THEN
    PERFORM ledger_refuse_row('pool_is_filled_by_wallets_of_its_programme', 'a pool is filled by wallets of its programme');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON ledger_poolmember FOR EACH ROW EXECUTE FUNCTION ledger_pool_member_is_sound();

-- What moves into a pool is given by one who fills it now; what moves out goes to who gave it. The caller has both locked.
CREATE FUNCTION ledger_check_pool_move(p_from bigint, p_to bigint, p_lots bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_wallet WHERE id = p_to AND is_pool)
     AND NOT EXISTS (SELECT FROM ledger_poolmember WHERE pool_id = p_to AND wallet_id = p_from AND left_at IS NULL) THEN
    PERFORM ledger_refuse_row('pool_is_filled_by_its_members', 'only its members fill a pool');
  END IF;
  IF EXISTS (SELECT FROM ledger_wallet WHERE id = p_from AND is_pool)
     AND EXISTS (SELECT FROM unnest(p_lots) AS part (lot_id) LEFT JOIN ledger_lotorigin origin
                     ON origin.lot_id = part.lot_id AND origin.from_wallet_id = p_to WHERE origin.id IS NULL) THEN
    PERFORM ledger_refuse_row('pool_gives_back_to_who_gave', 'a lot of a pool goes home to who gave it, and to nobody else');
  END IF;
END $$;

-- The free lots of a pool's account that a wallet gave, or with null those of the given lots, up to an amount.
CREATE FUNCTION ledger_pick_of(
  p_account bigint, p_giver bigint, p_lots bigint[], p_amount bigint, p_at timestamptz, OUT lots bigint[], OUT amounts bigint[], OUT total bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  SELECT coalesce(array_agg(id ORDER BY place), '{}'), coalesce(array_agg(least(free, p_amount - before)::bigint ORDER BY place), '{}'),
         coalesce(sum(least(free, p_amount - before)), 0)
    INTO lots, amounts, total
    FROM (SELECT lot.id, lot.remaining - lot.reserved AS free, row_number() OVER running AS place,
                 sum(lot.remaining - lot.reserved) OVER running - (lot.remaining - lot.reserved) AS before
            FROM ledger_lot lot JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
           WHERE lot.account_id = p_account AND lot.remaining > 0 AND lot.remaining > lot.reserved
             AND (lot.expires_at IS NULL OR lot.expires_at > p_at)
             AND (origin.from_wallet_id = p_giver OR lot.id = ANY (p_lots))
          WINDOW running AS (ORDER BY lot.expires_at, lot.id)) own
   WHERE before < p_amount;
END $$;

-- Send home what is free of what a wallet gave, a posting for each unit. The caller has both locked.
CREATE FUNCTION ledger_send_home(p_pool bigint, p_home bigint, p_at timestamptz, p_actor text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE account record; own record; target bigint;
BEGIN
  FOR account IN SELECT id, programme_id, unit_id, seq FROM ledger_account WHERE wallet_id = p_pool AND kind = 'MEMBER' AND balance > held ORDER BY id
  LOOP
    own := ledger_pick_of(account.id, p_home, NULL, 9223372036854775807, p_at);
    CONTINUE WHEN own.total = 0;
    target := ledger_account_of(account.programme_id, p_home, account.unit_id, 'MEMBER');
    PERFORM ledger_move(account.id, target, own.lots, own.amounts, 0, 'ledger', format('home:%s:%s', account.id, account.seq + 1), p_at, p_actor);
    PERFORM ledger_carry_silence(account.id, target, false);
  END LOOP;
  PERFORM ledger_settle(p_home, p_at);
END $$;

-- Those who gave to a pool and left it.
CREATE FUNCTION ledger_gone_from(p_pool bigint) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT array_agg(wallet_id ORDER BY wallet_id) FROM ledger_poolmember WHERE pool_id = p_pool AND left_at IS NOT NULL);
END $$;

-- What came free of those who left goes home, before anybody else can have it. The caller has the pool and them locked.
CREATE FUNCTION ledger_send_gone_home(p_pool bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE gone bigint;
BEGIN
  FOREACH gone IN ARRAY coalesce(ledger_gone_from(p_pool), '{}') LOOP
    PERFORM ledger_send_home(p_pool, gone, p_at, 'ledger');
  END LOOP;
END $$;

-- Fill a pool from now on. Who is with it already stays so.
CREATE FUNCTION ledger_join_pool(p_pool bigint, p_wallet bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM ledger_lock_all(ARRAY[p_pool, p_wallet]);
  INSERT INTO ledger_poolmember (programme_id, pool_id, wallet_id, joined_at)
  SELECT programme_id, p_pool, p_wallet, p_at FROM ledger_wallet WHERE id = p_pool
  ON CONFLICT (pool_id, wallet_id) DO UPDATE SET joined_at = EXCLUDED.joined_at, left_at = NULL WHERE ledger_poolmember.left_at IS NOT NULL;
END $$;

-- Leave a pool: all that is free of what the wallet gave goes home now, what holds keep when they end. Leaving twice is leaving once.
CREATE FUNCTION ledger_leave_pool(p_pool bigint, p_wallet bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM ledger_lock_all(ARRAY[p_pool, p_wallet]);
  UPDATE ledger_poolmember SET left_at = p_at WHERE pool_id = p_pool AND wallet_id = p_wallet AND left_at IS NULL;
  PERFORM ledger_lock(p_pool, p_at);
END $$;

-- Put a part of an earning into a pool out of its very lot, as far as it is active and free. `posting` is null when nothing of it is;
-- `fresh` is false for a repeat.
CREATE FUNCTION ledger_pool_lot(
  p_earning bigint, p_pool bigint, p_amount bigint, p_source text, p_reference text, p_at timestamptz, p_actor text,
  OUT posting bigint, OUT fresh boolean, OUT amount bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE lot record; target bigint;
BEGIN
  SELECT found.id, found.account_id, found.wallet_id, found.programme_id, account.unit_id INTO STRICT lot
    FROM ledger_lot found JOIN ledger_account account ON account.id = found.account_id WHERE found.posting_id = p_earning;
  target := ledger_account_of(lot.programme_id, p_pool, lot.unit_id, 'MEMBER');
  PERFORM ledger_lock_pair(lot.wallet_id, p_pool, p_at);
  SELECT earlier.id, entry.amount INTO posting, amount FROM ledger_posting earlier
    JOIN ledger_entry entry ON entry.posting_id = earlier.id AND entry.account_id = target
   WHERE earlier.programme_id = lot.programme_id AND earlier.source = p_source AND earlier.kind = 'TRANSFER' AND earlier.reference = p_reference;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    RETURN;
  END IF;
  SELECT least(p_amount, remaining - reserved) INTO amount FROM ledger_lot
   WHERE id = lot.id AND active_from <= p_at AND (expires_at IS NULL OR expires_at > p_at);
  IF coalesce(amount, 0) <= 0 THEN
    amount := 0;
    RETURN;
  END IF;
  posting := ledger_move(lot.account_id, target, ARRAY[lot.id], ARRAY[amount], 0, p_source, p_reference, p_at, p_actor);
  IF posting IS NULL THEN
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
  PERFORM ledger_carry_silence(lot.account_id, target, true);
END $$;

-- One of those who fill a pool earned: what the pool has is not silent. The lots come to live until the ends that the units come with.
CREATE FUNCTION ledger_pool_earned(p_pool bigint, p_units bigint[], p_until timestamptz[], p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM ledger_lock(p_pool, p_at);
  UPDATE ledger_account SET earned_at = p_at
   WHERE wallet_id = p_pool AND kind = 'MEMBER' AND unit_id = ANY (p_units) AND (earned_at IS NULL OR earned_at < p_at);
  PERFORM ledger_keep_alive(account.id, p_at, kept.until)
     FROM unnest(p_units, p_until) AS kept (unit_id, until) JOIN ledger_account account USING (unit_id)
    WHERE account.wallet_id = p_pool AND account.kind = 'MEMBER' AND kept.until IS NOT NULL;
END $$;

-- For the next pools after `p_from`: what came free of those who left goes home. `upto` is the last one looked at.
CREATE FUNCTION ledger_send_home_next(p_programme bigint, p_at timestamptz, p_from bigint, p_pools integer, OUT upto bigint, OUT looked integer)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE pool record;
BEGIN
  looked := 0;
  FOR pool IN
    SELECT DISTINCT left_one.pool_id FROM ledger_poolmember left_one
      JOIN ledger_account account ON account.wallet_id = left_one.pool_id AND account.kind = 'MEMBER' AND account.balance > 0
     WHERE left_one.programme_id = p_programme AND left_one.left_at IS NOT NULL AND left_one.pool_id > p_from
     ORDER BY left_one.pool_id LIMIT p_pools
  LOOP
    PERFORM ledger_lock(pool.pool_id, p_at);
    upto := pool.pool_id; looked := looked + 1;
  END LOOP;
END $$;

-- What became of a lot that went into a pool: the lots there, those that came home out of them, and so on; `is_pooled` are in a pool.
CREATE FUNCTION ledger_pooled_of(p_lot bigint) RETURNS TABLE (lot_id bigint, is_pooled boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  WITH RECURSIVE pooled AS (
    SELECT origin.lot_id, true AS is_pooled FROM ledger_lotorigin origin JOIN ledger_wallet pool ON pool.id = origin.wallet_id AND pool.is_pool
     WHERE origin.from_lot_id = p_lot
    UNION ALL
    SELECT origin.lot_id, wallet.is_pool FROM pooled JOIN ledger_lotorigin origin ON origin.from_lot_id = pooled.lot_id
      JOIN ledger_wallet wallet ON wallet.id = origin.wallet_id
     WHERE pooled.is_pooled OR wallet.is_pool
  )
  SELECT pooled.lot_id, pooled.is_pooled FROM pooled;
END $$;

-- How much of what went into pools out of a lot expired unspent, there or at home again, whether or not it is written down: who gave it
-- lost it as if it had stayed.
CREATE FUNCTION ledger_lapsed_in_pools(p_lot bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT coalesce(sum((SELECT coalesce(sum(used.amount), 0) FROM ledger_lotuse used
                                 JOIN ledger_posting expiry ON expiry.id = used.posting_id AND expiry.kind = 'EXPIRE'
                                WHERE used.lot_id = lot.id)
                              + CASE WHEN lot.expires_at <= p_at THEN lot.remaining - lot.reserved ELSE 0 END), 0)
            FROM ledger_pooled_of(p_lot) pooled JOIN ledger_lot lot ON lot.id = pooled.lot_id);
END $$;

-- Before other lots pay for an earning that is taken back: what of it is free in a pool comes home. The caller has all of them locked.
CREATE FUNCTION ledger_recall(p_lot bigint, p_home bigint, p_amount bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE place record; own record;
BEGIN
  FOR place IN
    SELECT account.id, account.seq, array_agg(lot.id) AS lots FROM ledger_pooled_of(p_lot) pooled
      JOIN ledger_lot lot ON lot.id = pooled.lot_id AND lot.remaining > lot.reserved JOIN ledger_account account ON account.id = lot.account_id
     WHERE pooled.is_pooled GROUP BY account.id ORDER BY account.id
  LOOP
    own := ledger_pick_of(place.id, NULL, place.lots, p_amount, p_at);
    CONTINUE WHEN own.total = 0;
    PERFORM ledger_move(place.id, p_home, own.lots, own.amounts, 0, 'ledger', format('home:%s:%s', place.id, place.seq + 1), p_at, 'ledger');
    p_amount := p_amount - own.total;
  END LOOP;
END $$;

-- What of a spending is given back to lots of a pool that lapsed: a grace lot for each, which names whose it is as that did.
CREATE FUNCTION ledger_put_back_lapsed(
  p_posting bigint, p_burn bigint, p_given bigint, p_amount bigint, p_at timestamptz, p_grace_until timestamptz
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  WITH part AS (
    SELECT lot_id, least(upto, p_given + p_amount) - greatest(upto - amount, p_given) AS amount
      FROM (SELECT lot_id, amount, sum(amount) OVER (ORDER BY id DESC) AS upto FROM ledger_lotuse WHERE posting_id = p_burn) used
     WHERE upto > p_given AND upto - amount < p_given + p_amount
  ), grace AS MATERIALIZED (
    SELECT nextval('ledger_lot_id_seq') AS id, part.amount, lot.programme_id, lot.wallet_id, lot.account_id, origin.from_wallet_id, origin.from_lot_id
      FROM part JOIN ledger_lot lot ON lot.id = part.lot_id JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
     WHERE lot.expires_at <= p_at ORDER BY lot.id
  ), lots AS (
    INSERT INTO ledger_lot (id, programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at)
    SELECT id, programme_id, wallet_id, account_id, p_posting, amount, amount, 0, p_at, p_grace_until FROM grace
  )
  INSERT INTO ledger_lotorigin (programme_id, wallet_id, lot_id, from_wallet_id, from_lot_id)
  SELECT programme_id, wallet_id, id, from_wallet_id, from_lot_id FROM grace;
END $$;

-- Take back many earnings, in the given order. All wallets are locked at once: with the pools of one of them they would else be locked
-- behind those of another.
CREATE FUNCTION ledger_claw_back_many(
  p_wallets bigint[], p_origins bigint[], p_amounts bigint[], p_sources text[], p_references text[], p_times timestamptz[], p_actor text
) RETURNS TABLE (posting bigint, fresh boolean, taken bigint, lapsed bigint, owed bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM ledger_lock_all(p_wallets);
  RETURN QUERY
  SELECT clawed.posting, clawed.fresh, clawed.taken, clawed.lapsed, clawed.owed
    FROM unnest(p_origins, p_amounts, p_sources, p_references, p_times) WITH ORDINALITY AS claim (origin, amount, source, reference, at, no),
         LATERAL ledger_claw_back(claim.origin, claim.amount, claim.source, claim.reference, claim.at, p_actor) AS clawed
   ORDER BY claim.no;
END $$;
