-- Seals: what was posted is hashed stretch by stretch, so that a change behind the guards' back shows.

-- Every row that hangs on a posting of a stretch, with the hash of its text. The columns are named one by one: a new one must not change
-- what was sealed before. Times are written in one way whatever the session's settings.
CREATE FUNCTION ledger_seal_rows(p_after bigint, p_until bigint)
RETURNS TABLE (programme_id bigint, posting_id bigint, kind text, row_id bigint, hash bytea)
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
  SELECT posting.programme_id, posting.id, 'posting', posting.id,
         sha256(convert_to(ROW('posting', posting.id, posting.programme_id, posting.kind, posting.source, posting.reference,
                               posting.corrects_id, posting.actor, posting.occurred_at, posting.recorded_at)::text, 'UTF8'))
    FROM ledger_posting posting WHERE posting.id > p_after AND posting.id <= p_until
  UNION ALL
  SELECT entry.programme_id, entry.posting_id, 'entry', entry.id,
         sha256(convert_to(ROW('entry', entry.id, entry.programme_id, entry.wallet_id, entry.posting_id, entry.account_id, entry.unit_id,
                               entry.amount, entry.seq, entry.balance_after)::text, 'UTF8'))
    FROM ledger_entry entry WHERE entry.posting_id > p_after AND entry.posting_id <= p_until
  UNION ALL
  SELECT used.programme_id, used.posting_id, 'lot use', used.id,
         sha256(convert_to(ROW('lot use', used.id, used.programme_id, used.wallet_id, used.posting_id, used.lot_id,
                               used.amount)::text, 'UTF8'))
    FROM ledger_lotuse used WHERE used.posting_id > p_after AND used.posting_id <= p_until
$$;

-- The same by programme and thousand postings. `prints` has four bytes of each row's hash, in order.
CREATE FUNCTION ledger_seal_parts(p_after bigint, p_until bigint)
RETURNS TABLE (programme_id bigint, bucket bigint, rows integer, hash bytea, prints bytea)
LANGUAGE sql STABLE AS $$
  SELECT sealed.programme_id, (sealed.posting_id - 1) / 1000, count(*)::integer,
         sha256(string_agg(sealed.hash, ''::bytea ORDER BY sealed.posting_id, sealed.kind, sealed.row_id)),
         string_agg(substr(sealed.hash, 1, 4), ''::bytea ORDER BY sealed.posting_id, sealed.kind, sealed.row_id)
    FROM ledger_seal_rows(p_after, p_until) sealed GROUP BY 1, 2
$$;

-- The hash that is shown, printed and sent away: of the stretch, of its parts in order, and of the programme's seal before.
CREATE FUNCTION ledger_seal_hash(
  p_programme bigint, p_number bigint, p_after bigint, p_until bigint, p_rows bigint, p_previous bytea, p_parts bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(format('laurel seal 1: programme %s number %s postings %s-%s rows %s ',
                                  p_programme, p_number, p_after + 1, p_until, p_rows), 'UTF8') || p_previous || p_parts)
$$;

-- Nothing is posted into a stretch once it is announced. Asked when the rows are there, so when the transaction has its lock on the table:
-- whoever does not see the announcement yet is among those whom the sealing waits for.
CREATE FUNCTION ledger_not_into_a_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows WHERE posting_id <= (SELECT until FROM ledger_sealing ORDER BY until DESC LIMIT 1)) THEN
    RAISE EXCEPTION 'the day of this posting is closed: it was named long before it was written'
      USING ERRCODE = 'serialization_failure', CONSTRAINT = 'posting_is_not_into_a_seal';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER not_into_a_seal AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_not_into_a_seal();

-- One step towards sealing what was posted before the last midnight (UTC): 'announced', then 'waiting' until all are done who were
-- posting then and may not know of it, then 'sealed', stretch by stretch; 'nothing' when all is sealed. Each step has to be a transaction
-- of its own. A stretch ends at least 15 minutes ago, so that who names postings before they are written is practically never refused.
CREATE FUNCTION ledger_seal_step(p_at timestamptz, p_postings bigint, OUT sealing bigint, OUT state text)
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  stretch ledger_sealing; closes timestamptz := date_trunc('day', p_at - interval '15 minutes', 'UTC'); last_until bigint; new_until bigint;
  posting_now text[];
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('ledger seal')) THEN
    state := 'waiting';
    RETURN;
  END IF;
  SELECT * INTO stretch FROM ledger_sealing WHERE sealed_at IS NULL;
  sealing := stretch.id;
  IF sealing IS NULL THEN
    last_until := coalesce((SELECT max(until) FROM ledger_sealing), 0);
    SELECT posting.id INTO new_until FROM ledger_posting posting
     WHERE posting.id > last_until AND posting.recorded_at < closes ORDER BY posting.id DESC LIMIT 1;
    state := 'nothing';
    IF new_until IS NOT NULL THEN
      -- `least` passes over the null that says that there are not so many.
      new_until := least(new_until, (SELECT posting.id FROM ledger_posting posting WHERE posting.id > last_until
                                      ORDER BY posting.id OFFSET p_postings - 1 LIMIT 1));
      INSERT INTO ledger_sealing (after, until, closes_at) VALUES (last_until, new_until, closes) RETURNING id INTO sealing;
      state := 'announced';
    END IF;
    RETURN;
  END IF;

  -- Transactions that have written entries and are not over. What those left that are not among them can be seen from here on.
  SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') INTO posting_now FROM pg_locks
   WHERE locktype = 'relation' AND relation = 'ledger_entry'::regclass AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
  stretch.waits_for := ARRAY(SELECT unnest(posting_now) INTERSECT SELECT unnest(coalesce(stretch.waits_for, posting_now)));
  state := 'waiting';
  IF stretch.waits_for = '{}' THEN
    PERFORM ledger_seal_stretch(stretch);
    state := 'sealed';
  END IF;
  UPDATE ledger_sealing SET waits_for = stretch.waits_for, sealed_at = CASE state WHEN 'sealed' THEN p_at END WHERE id = stretch.id;
END $$;

-- Write the seals of a stretch, one for each programme that has rows in it. The first begins before all numbers.
CREATE FUNCTION ledger_seal_stretch(p_stretch ledger_sealing) RETURNS void LANGUAGE sql AS $$
  WITH parts AS MATERIALIZED (
    SELECT * FROM ledger_seal_parts(CASE p_stretch.after WHEN 0 THEN -9223372036854775808 ELSE p_stretch.after END, p_stretch.until)
  ), whole AS (
    SELECT programme_id, sum(rows)::bigint AS rows, string_agg(hash, ''::bytea ORDER BY bucket) AS hashes FROM parts GROUP BY programme_id
  ), seals AS (
    INSERT INTO ledger_seal (programme_id, number, sealing_id, rows, previous, hash)
    SELECT whole.programme_id, chain.number + 1, p_stretch.id, whole.rows, chain.hash,
           ledger_seal_hash(whole.programme_id, chain.number + 1, p_stretch.after, p_stretch.until, whole.rows, chain.hash, whole.hashes)
      FROM whole CROSS JOIN LATERAL (
           SELECT number, hash FROM ledger_seal earlier WHERE earlier.programme_id = whole.programme_id
            UNION ALL SELECT 0, '' ORDER BY number DESC LIMIT 1) chain
    RETURNING id, programme_id
  )
  INSERT INTO ledger_sealpart (seal_id, bucket, rows, hash, prints)
  SELECT seals.id, parts.bucket, parts.rows, parts.hash, parts.prints FROM parts JOIN seals USING (programme_id)
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_sealpart FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_sealing FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_seal EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_sealpart EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_sealing EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stays_what_was_closed BEFORE UPDATE OF id, after, until, closes_at ON ledger_sealing
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER sealed_once BEFORE UPDATE ON ledger_sealing FOR EACH ROW WHEN (OLD.sealed_at IS NOT NULL)
  EXECUTE FUNCTION ledger_append_only();
