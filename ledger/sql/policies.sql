-- A published policy is frozen; only how far its extension came is kept on it.
CREATE FUNCTION ledger_policy_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'PUBLISHED' AND (TG_OP = 'DELETE' OR
       (OLD.id, OLD.unit_id, OLD.number, OLD.state, OLD.definition, OLD.effective_from, OLD.published_by, OLD.published_at, OLD.extends)
       IS DISTINCT FROM
       (NEW.id, NEW.unit_id, NEW.number, NEW.state, NEW.definition, NEW.effective_from, NEW.published_by, NEW.published_at, NEW.extends)) THEN
    RAISE EXCEPTION 'policy % of unit % is published and frozen', OLD.number, OLD.unit_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_published_is_frozen';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON ledger_unitpolicy FOR EACH ROW EXECUTE FUNCTION ledger_policy_frozen();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_unitpolicy EXECUTE FUNCTION ledger_append_only();

-- Something the member did keeps some units of a wallet alive; they come with the ends they get.
CREATE FUNCTION ledger_keep_wallet_alive(p_wallet bigint, p_units bigint[], p_until timestamptz[], p_at timestamptz) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM 1 FROM ledger_account WHERE wallet_id = p_wallet ORDER BY wallet_id, id FOR NO KEY UPDATE;
  PERFORM ledger_keep_alive(account.id, p_at, kept.until)
     FROM unnest(p_units, p_until) AS kept (unit_id, until) JOIN ledger_account account USING (unit_id)
    WHERE account.wallet_id = p_wallet AND account.kind = 'MEMBER';
END $$;

-- Earnings that waited become active at `p_at` and live until the ends they come with; arrears are offset at once. Returns the
-- postings whose lots did wait.
CREATE FUNCTION ledger_activate(p_postings bigint[], p_ends timestamptz[], p_at timestamptz) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE wallets bigint[]; woken bigint[];
BEGIN
  SELECT array_agg(DISTINCT wallet_id) INTO wallets FROM ledger_lot WHERE posting_id = ANY (p_postings);
  PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (wallets) ORDER BY wallet_id, id FOR NO KEY UPDATE;
  WITH moved AS (
    UPDATE ledger_lot lot SET active_from = p_at, expires_at = new.ends
      FROM unnest(p_postings, p_ends) AS new (posting_id, ends)
     WHERE lot.posting_id = new.posting_id AND lot.active_from > p_at
    RETURNING lot.posting_id
  )
  SELECT coalesce(array_agg(posting_id ORDER BY posting_id), '{}') INTO woken FROM moved;
  IF woken <> '{}' THEN
    PERFORM ledger_lock(wallet_id, p_at) FROM (SELECT unnest(wallets) AS wallet_id ORDER BY 1) own;
  END IF;
  RETURN woken;
END $$;

-- Lots of a unit that lived when a policy began and became active on the given local days live until the given ends if that is longer (null: they never expire), for at
-- most `p_wallets` wallets after `p_after`. `upto` is the last wallet looked at, null when none was left.
CREATE FUNCTION ledger_extend_lots(
  p_unit bigint, p_zone text, p_days date[], p_ends timestamptz[], p_begins timestamptz, p_after bigint, p_wallets integer,
  OUT upto bigint, OUT extended integer
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE accounts bigint[];
BEGIN
  SELECT array_agg(locked.id), max(locked.wallet_id) INTO accounts, upto FROM (
    SELECT account.id, account.wallet_id FROM ledger_account account
     WHERE account.unit_id = p_unit AND account.kind = 'MEMBER' AND account.wallet_id > p_after
     ORDER BY account.wallet_id, account.id LIMIT p_wallets FOR NO KEY UPDATE) locked;
  UPDATE ledger_lot lot SET expires_at = new.ends
    FROM unnest(p_days, p_ends) AS new (day, ends)
   WHERE lot.account_id = ANY (accounts) AND lot.remaining > 0 AND lot.expires_at > p_begins AND lot.active_from < p_begins AND NOT lot.has_own_end
     AND new.day = (lot.active_from AT TIME ZONE p_zone)::date AND (new.ends IS NULL OR new.ends > lot.expires_at);
  GET DIAGNOSTICS extended = ROW_COUNT;
END $$;
