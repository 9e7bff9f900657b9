-- What a silent account loses: for each week that is over since `p_after` weeks passed without an earning the larger of a share and a
-- fixed amount, and from `p_rest` weeks on all that is left. Each week is a posting of its own, dated when it was due. The caller holds
-- the lock of the wallet. Returns how much was lost.
CREATE FUNCTION ledger_decay(
  p_account bigint, p_at timestamptz, p_after integer, p_permille integer, p_fixed bigint, p_rest integer
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE own record; week integer; due timestamptz; live record; loss bigint; lost bigint := 0; taken record; posting_id bigint;
BEGIN
  SELECT * INTO own FROM ledger_account WHERE id = p_account;
  week := p_after + 1;
  IF own.decayed_at > own.earned_at THEN
    week := greatest(week, 1 + round(extract(epoch FROM own.decayed_at - own.earned_at) / 604800)::integer);
  END IF;
  LOOP
    due := own.earned_at + week * interval '168 hours';
    EXIT WHEN due IS NULL OR due > p_at;
    live := ledger_pick(p_account, 9223372036854775807, due);
    EXIT WHEN live.total = 0;
    loss := CASE WHEN week >= p_rest THEN live.total ELSE least(live.total, greatest(div(live.total * p_permille, 1000), p_fixed)) END;
    IF loss > 0 THEN
      taken := ledger_pick(p_account, loss, due);
      posting_id := ledger_post(own.programme_id, own.unit_id, 'EXPIRE', 'ledger', format('decay:%s:%s', p_account, extract(epoch FROM due)::bigint),
                                NULL, 'decay', due,
                                ARRAY[p_account, ledger_account_of(own.programme_id, NULL, own.unit_id, 'BREAKAGE')], ARRAY[-loss, loss]);
      PERFORM ledger_consume(own.programme_id, own.wallet_id, posting_id, taken.lots, taken.amounts);
      lost := lost + loss;
    END IF;
    UPDATE ledger_account SET decayed_at = due WHERE id = p_account;
    week := week + 1;
  END LOOP;
  RETURN lost;
END $$;

-- Before a silent wallet spends: what it lost by then.
CREATE FUNCTION ledger_decay_wallet(
  p_wallet bigint, p_unit bigint, p_at timestamptz, p_after integer, p_permille integer, p_fixed bigint, p_rest integer
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM ledger_lock(p_wallet, p_at);
  RETURN coalesce((SELECT ledger_decay(id, p_at, p_after, p_permille, p_fixed, p_rest) FROM ledger_account
                    WHERE wallet_id = p_wallet AND unit_id = p_unit AND kind = 'MEMBER'), 0);
END $$;

-- The same for the next silent wallets after `p_from`, at most `p_wallets` of them, in the order in which wallets are locked. `upto` is the
-- last one looked at, null when none was left; `looked` how many they were.
CREATE FUNCTION ledger_decay_next(
  p_unit bigint, p_at timestamptz, p_after integer, p_permille integer, p_fixed bigint, p_rest integer, p_from bigint, p_wallets integer,
  OUT upto bigint, OUT looked integer
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE silent record;
BEGIN
  looked := 0;
  FOR silent IN
    SELECT id, wallet_id FROM ledger_account
     WHERE unit_id = p_unit AND kind = 'MEMBER' AND wallet_id > p_from AND balance > 0
       AND earned_at + (p_after + 1) * interval '168 hours' <= p_at
     ORDER BY wallet_id LIMIT p_wallets
  LOOP
    PERFORM ledger_lock(silent.wallet_id, p_at);
    PERFORM ledger_decay(silent.id, p_at, p_after, p_permille, p_fixed, p_rest);
    upto := silent.wallet_id; looked := looked + 1;
  END LOOP;
END $$;

-- What became active since is set off against arrears, for the next owing wallets of a programme after `p_from`.
CREATE FUNCTION ledger_settle_next(p_programme bigint, p_at timestamptz, p_from bigint, p_wallets integer, OUT upto bigint, OUT looked integer)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE owing record;
BEGIN
  looked := 0;
  FOR owing IN
    SELECT DISTINCT wallet_id FROM ledger_account
     WHERE programme_id = p_programme AND kind = 'ARREARS' AND balance < 0 AND wallet_id > p_from ORDER BY wallet_id LIMIT p_wallets
  LOOP
    PERFORM ledger_lock(owing.wallet_id, p_at);
    upto := owing.wallet_id; looked := looked + 1;
  END LOOP;
END $$;
