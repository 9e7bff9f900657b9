-- Amounts that go from one wallet to another: each lot arrives as a lot of its own that lives as long, and names where it came from.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_lotorigin FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_lotorigin EXECUTE FUNCTION ledger_append_only();

-- Lock the two wallets of a move in everybody's order, a pool first. The receiver has its account by then: one made behind the lock
-- would be locked out of order.
CREATE FUNCTION ledger_lock_pair(p_wallet bigint, p_other bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_wallet WHERE id IN (p_wallet, p_other) AND is_pool) THEN
    PERFORM ledger_lock_all(ARRAY[p_wallet, p_other]);
  END IF;
  PERFORM ledger_lock(least(p_wallet, p_other), p_at);
  PERFORM ledger_lock(greatest(p_wallet, p_other), p_at);
END $$;

-- Move picked amounts from one locked account to another of the same unit; what the fee takes of them is taken of the first. The lots
-- are active already and keep the instants between which they can be spent. Null when it is posted already.
CREATE FUNCTION ledger_move(
  p_from bigint, p_to bigint, p_lots bigint[], p_amounts bigint[], p_fee bigint, p_source text, p_reference text, p_at timestamptz,
  p_actor text
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE giver record; receiver record; total bigint; fees bigint; posting_id bigint;
BEGIN
  SELECT id, programme_id, wallet_id, unit_id INTO STRICT giver FROM ledger_account WHERE id = p_from AND kind = 'MEMBER';
  SELECT id, programme_id, wallet_id, unit_id INTO STRICT receiver FROM ledger_account WHERE id = p_to AND kind = 'MEMBER';
  IF giver.wallet_id = receiver.wallet_id OR giver.unit_id <> receiver.unit_id OR giver.programme_id <> receiver.programme_id THEN
    PERFORM ledger_refuse_row('move_is_between_wallets_of_a_unit', 'points move between two wallets of one unit');
  END IF;
  IF (SELECT klass FROM ledger_unit WHERE id = giver.unit_id) = 'QUALIFYING' THEN
    PERFORM ledger_refuse_row('move_takes_no_qualifying_points', 'qualifying points stay with who earned them');
  END IF;
  PERFORM ledger_check_pool_move(giver.wallet_id, receiver.wallet_id, p_lots);
  SELECT sum(amount) INTO total FROM unnest(p_amounts) AS part (amount);
  IF p_fee > 0 THEN
    fees := ledger_account_of(giver.programme_id, NULL, giver.unit_id, 'FEE');
  END IF;
  posting_id := ledger_post(giver.programme_id, giver.unit_id, 'TRANSFER', p_source, p_reference, NULL, p_actor, p_at,
                            ARRAY[giver.id, receiver.id, fees], ARRAY[-total, total - p_fee, p_fee]);
  IF posting_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM ledger_consume(giver.programme_id, giver.wallet_id, posting_id, p_lots, p_amounts);
  WITH part AS (
    SELECT picked.lot_id, picked.place, picked.amount - least(picked.amount, greatest(p_fee - (picked.upto - picked.amount), 0)) AS amount
      FROM (SELECT lot_id, amount, place, sum(amount) OVER (ORDER BY place) AS upto
              FROM unnest(p_lots, p_amounts) WITH ORDINALITY AS given (lot_id, amount, place)) picked
  ), arrived AS MATERIALIZED (
    SELECT nextval('ledger_lot_id_seq') AS id, part.lot_id, part.amount, lot.active_from, lot.expires_at, lot.has_own_end
      FROM part JOIN ledger_lot lot ON lot.id = part.lot_id WHERE part.amount > 0 ORDER BY part.place
  ), lots AS (
    INSERT INTO ledger_lot (id, programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at, has_own_end)
    SELECT id, receiver.programme_id, receiver.wallet_id, receiver.id, posting_id, amount, amount, 0, active_from, expires_at, has_own_end
      FROM arrived
  )
  INSERT INTO ledger_lotorigin (programme_id, wallet_id, lot_id, from_wallet_id, from_lot_id)
  SELECT receiver.programme_id, receiver.wallet_id, id, giver.wallet_id, lot_id FROM arrived;
  RETURN posting_id;
END $$;

-- Give `p_amount` to another wallet, and `p_fee` of the giver's beside it to the programme. `posting` is null when the giver has not so much:
-- then `spendable` says what there is. `fresh` is false for a repeat. Receiving is no earning: a receiver whose account was never used
-- grows silent from when the giver's did, others as before. `p_counts` makes it one, of when the giver earned last: a pool lives as
-- long as those who fill it.
CREATE FUNCTION ledger_transfer(
  p_wallet bigint, p_to bigint, p_unit bigint, p_amount bigint, p_fee bigint, p_source text, p_reference text, p_at timestamptz,
  p_actor text, p_counts boolean, OUT posting bigint, OUT fresh boolean, OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE programme bigint; own bigint; target bigint; taken record;
BEGIN
  SELECT programme_id INTO STRICT programme FROM ledger_wallet WHERE id = p_wallet;
  own := ledger_account_of(programme, p_wallet, p_unit, 'MEMBER');
  target := ledger_account_of(programme, p_to, p_unit, 'MEMBER');
  PERFORM ledger_lock_pair(p_wallet, p_to, p_at);
  SELECT id INTO posting FROM ledger_posting
   WHERE programme_id = programme AND source = p_source AND kind = 'TRANSFER' AND reference = p_reference;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    PERFORM ledger_same_transfer(posting, own, target, p_amount, p_fee, p_reference);
    RETURN;
  END IF;
  taken := ledger_pick(own, p_amount + p_fee, p_at);
  spendable := taken.total;
  IF taken.total < p_amount + p_fee THEN
    RETURN;
  END IF;
  posting := ledger_move(own, target, taken.lots, taken.amounts, p_fee, p_source, p_reference, p_at, p_actor);
  IF posting IS NULL THEN
    -- Another pair of wallets took the reference while this one waited for it.
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
  PERFORM ledger_carry_silence(own, target, p_counts);
  PERFORM ledger_settle(p_to, p_at);
END $$;

-- A repeat is one only if it moves the same between the same.
CREATE FUNCTION ledger_same_transfer(p_posting bigint, p_from bigint, p_to bigint, p_amount bigint, p_fee bigint, p_reference text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_entry WHERE posting_id = p_posting AND account_id = p_from AND amount = -(p_amount + p_fee))
     OR NOT EXISTS (SELECT FROM ledger_entry WHERE posting_id = p_posting AND account_id = p_to AND amount = p_amount) THEN
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
END $$;

-- From when the receiver's account is silent (see decaying.sql).
CREATE FUNCTION ledger_carry_silence(p_from bigint, p_to bigint, p_counts boolean) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE ledger_account receiver SET earned_at = greatest(receiver.earned_at, giver.earned_at)
    FROM ledger_account giver
   WHERE giver.id = p_from AND receiver.id = p_to AND giver.earned_at IS NOT NULL
     AND (receiver.earned_at IS NULL OR p_counts AND receiver.earned_at < giver.earned_at);
END $$;
