CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_conversion FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_conversion EXECUTE FUNCTION ledger_append_only();

-- Both units of a conversion are of one programme.
CREATE FUNCTION ledger_conversion_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(DISTINCT programme_id) FROM ledger_unit WHERE id IN (NEW.source_unit_id, NEW.target_unit_id)) <> 1 THEN
    PERFORM ledger_refuse_row('conversion_stays_in_its_programme', 'both units of a conversion are of one programme');
  END IF;
  IF EXISTS (SELECT FROM ledger_unit WHERE id = NEW.source_unit_id AND klass = 'QUALIFYING') THEN
    PERFORM ledger_refuse_row('conversion_spends_no_qualifying_points', 'qualifying points are not converted');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON ledger_conversionterms FOR EACH ROW EXECUTE FUNCTION ledger_conversion_is_sound();

-- The lots that live at a midnight, with those whose last day ended with it: the night converts before anything expires.
CREATE FUNCTION ledger_pick_at_midnight(p_account bigint, p_amount bigint, p_at timestamptz, OUT lots bigint[], OUT amounts bigint[], OUT total bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE lot record;
BEGIN
  lots := '{}'; amounts := '{}'; total := 0;
  FOR lot IN
    SELECT own.id, own.remaining - own.reserved AS free FROM ledger_lot own
     WHERE own.account_id = p_account AND own.remaining > 0 AND own.remaining > own.reserved
       AND own.active_from <= p_at AND (own.expires_at IS NULL OR own.expires_at >= p_at)
     ORDER BY own.expires_at, own.id
  LOOP
    EXIT WHEN total >= p_amount;
    lots := lots || lot.id;
    amounts := amounts || least(lot.free, p_amount - total);
    total := total + least(lot.free, p_amount - total);
  END LOOP;
END $$;

-- Convert `p_chunks` whole chunks, or as many as there are when it is null. `posting` is null when nothing can be converted: then
-- `spendable` says what there was. `fresh` is false for a repeat, which answers what the first did.
CREATE FUNCTION ledger_convert(
  p_wallet bigint, p_terms bigint, p_chunks bigint, p_source text, p_reference text, p_at timestamptz, p_expires_at timestamptz,
  p_actor text, p_midnight boolean, OUT posting bigint, OUT fresh boolean, OUT chunks bigint, OUT taken bigint, OUT given bigint,
  OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE terms record; own bigint; target bigint; found record; programme bigint;
BEGIN
  PERFORM ledger_lock(p_wallet, p_at);
  SELECT * INTO STRICT terms FROM ledger_conversionterms WHERE id = p_terms;
  SELECT programme_id INTO STRICT programme FROM ledger_wallet WHERE id = p_wallet;
  SELECT earlier.id, done.chunks, done.chunks * done.chunk, done.chunks * done.gives INTO posting, chunks, taken, given
    FROM ledger_posting earlier JOIN ledger_conversion done ON done.posting_id = earlier.id
   WHERE earlier.programme_id = programme AND earlier.source = p_source AND earlier.kind = 'CONVERT' AND earlier.reference = p_reference;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    IF NOT EXISTS (SELECT FROM ledger_conversion done JOIN ledger_entry entry ON entry.posting_id = done.posting_id
                    WHERE done.posting_id = posting AND done.terms_id = p_terms AND entry.wallet_id = p_wallet)
       OR chunks <> coalesce(p_chunks, chunks) THEN
      PERFORM ledger_refuse_reference(p_reference);
    END IF;
    RETURN;
  END IF;
  own := ledger_account_of(programme, p_wallet, terms.source_unit_id, 'MEMBER');
  IF p_midnight THEN
    spendable := (ledger_pick_at_midnight(own, 9223372036854775807, p_at)).total;
  ELSE
    spendable := (ledger_pick(own, coalesce(p_chunks * terms.chunk, 9223372036854775807), p_at)).total;
  END IF;
  chunks := coalesce(p_chunks, spendable / terms.chunk);
  IF chunks = 0 OR chunks * terms.chunk > spendable THEN
    RETURN;
  END IF;
  taken := chunks * terms.chunk;
  given := chunks * terms.gives;
  IF p_midnight THEN
    found := ledger_pick_at_midnight(own, taken, p_at);
  ELSE
    found := ledger_pick(own, taken, p_at);
  END IF;
  target := ledger_account_of(programme, p_wallet, terms.target_unit_id, 'MEMBER');
  posting := ledger_post(programme, NULL, 'CONVERT', p_source, p_reference, NULL, p_actor, p_at,
    ARRAY[own, ledger_account_of(programme, NULL, terms.source_unit_id, 'CONVERSION'),
          ledger_account_of(programme, NULL, terms.target_unit_id, 'CONVERSION'), target],
    ARRAY[-taken, taken, -given, given]);
  IF posting IS NULL THEN
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
  PERFORM ledger_consume(programme, p_wallet, posting, found.lots, found.amounts);
  INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at)
  VALUES (programme, p_wallet, target, posting, given, given, 0, p_at, p_expires_at);
  INSERT INTO ledger_conversion (posting_id, terms_id, chunks, chunk, gives) VALUES (posting, p_terms, chunks, terms.chunk, terms.gives);
  PERFORM ledger_settle(p_wallet, p_at);
END $$;

-- The next wallets after `p_from` that hold a whole chunk; pools keep what they were given.
CREATE FUNCTION ledger_convertible(p_terms bigint, p_from bigint, p_count integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (SELECT array_agg(wallet_id ORDER BY wallet_id) FROM (
    SELECT account.wallet_id FROM ledger_conversionterms terms JOIN ledger_account account ON account.unit_id = terms.source_unit_id
     WHERE terms.id = p_terms AND account.kind = 'MEMBER' AND account.wallet_id > p_from AND account.balance - account.held >= terms.chunk
       AND NOT EXISTS (SELECT FROM ledger_wallet pool WHERE pool.id = account.wallet_id AND pool.is_pool)
     ORDER BY account.wallet_id LIMIT p_count) holder);
END $$;

-- Convert what wallets hold at a midnight, each once a night; `p_ends` says until when each one's new lot lives.
CREATE FUNCTION ledger_convert_all(p_terms bigint, p_night text, p_at timestamptz, p_wallets bigint[], p_ends timestamptz[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE holder record;
BEGIN
  FOR holder IN SELECT wallet_id, ends FROM unnest(p_wallets, p_ends) AS found (wallet_id, ends) ORDER BY wallet_id LOOP
    PERFORM ledger_convert(holder.wallet_id, p_terms, NULL, 'night', format('%s:%s', p_night, holder.wallet_id), p_at, holder.ends,
                           'night', true);
  END LOOP;
END $$;
