-- How much of counters is used, as a JSON list in the asked order.
CREATE FUNCTION campaigns_used(p_programme bigint, p_slots text[], p_places text[]) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(coalesce(counter.used, 0) ORDER BY asked.no), '[]')
      FROM unnest(p_slots, p_places) WITH ORDINALITY AS asked (slot, place, no)
      LEFT JOIN campaigns_counter counter ON counter.programme_id = p_programme
       AND counter.slot = asked.slot AND counter.place = asked.place);
END $$;

-- What members have or wait for of units, without what is over at the moment asked about, as a JSON list in the asked order.
CREATE FUNCTION campaigns_balances(p_wallets bigint[], p_units bigint[], p_moments timestamptz[]) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg((
             SELECT coalesce(sum(lot.remaining), 0)
               FROM ledger_account account JOIN ledger_lot lot ON lot.account_id = account.id
              WHERE account.wallet_id = asked.wallet AND account.unit_id = asked.unit AND account.kind = 'MEMBER'
                AND lot.remaining > 0 AND (lot.expires_at IS NULL OR lot.expires_at > asked.at)) ORDER BY asked.no), '[]')
      FROM unnest(p_wallets, p_units, p_moments) WITH ORDINALITY AS asked (wallet, unit, at, no));
END $$;

-- Use counters up, in the given order. One of which more was used meanwhile than leaves room undoes the statement. Who passes 50, 80, 95
-- or 100 percent of what everybody shares is the one to say so.
CREATE FUNCTION campaigns_count(p_programme bigint, p_uses json) RETURNS void LANGUAGE plpgsql AS $$
DECLARE asked record; after bigint; passed integer;
BEGIN
  FOR asked IN
    SELECT * FROM json_to_recordset(p_uses) AS use (slot text, place text, count bigint, room bigint, most bigint, told json, at timestamptz)
  LOOP
    INSERT INTO campaigns_counter AS counter (programme_id, slot, place, used)
    VALUES (p_programme, asked.slot, asked.place, asked.count)
    ON CONFLICT (programme_id, slot, place) DO UPDATE SET used = counter.used + excluded.used WHERE counter.used <= asked.room
    RETURNING used INTO after;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the limit % has no room for % more', asked.slot, asked.count
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'limit_has_room';
    END IF;
    CONTINUE WHEN asked.told IS NULL;
    FOREACH passed IN ARRAY ARRAY[50, 80, 95, 100] LOOP
      IF (after - asked.count) * 100 < asked.most * passed AND after * 100 >= asked.most * passed THEN
        PERFORM events_record(json_build_array(json_build_object(
          'programme_id', p_programme, 'type', 'limit.reached', 'occurred_at', asked.at,
          'payload', asked.told::jsonb || jsonb_build_object('used', after, 'most', asked.most, 'percent', passed))));
      END IF;
    END LOOP;
  END LOOP;
END $$;

-- Make room again, in the given order.
CREATE FUNCTION campaigns_uncount(p_programme bigint, p_uses json) RETURNS void LANGUAGE plpgsql AS $$
DECLARE asked record;
BEGIN
  FOR asked IN SELECT * FROM json_to_recordset(p_uses) AS use (slot text, place text, count bigint) LOOP
    UPDATE campaigns_counter SET used = used - asked.count
     WHERE programme_id = p_programme AND slot = asked.slot AND place = asked.place;
  END LOOP;
END $$;

-- A balance that has grown beyond its cap meanwhile undoes the statement.
CREATE FUNCTION campaigns_check_balance(p_wallet bigint, p_unit bigint, p_most bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (campaigns_balances(ARRAY[p_wallet], ARRAY[p_unit], ARRAY[p_at])::json ->> 0)::bigint > p_most THEN
    RAISE EXCEPTION 'the balance has no room' USING ERRCODE = 'unique_violation', CONSTRAINT = 'limit_has_room';
  END IF;
END $$;

-- Stop campaigns because a limit of theirs is reached; one that is stopped already stays as it is.
CREATE FUNCTION campaigns_pause(p_programme bigint, p_keys text[], p_by text, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE paused text;
BEGIN
  FOR paused IN
    UPDATE campaigns_campaign SET stopped_at = p_at, stopped_by = p_by
     WHERE programme_id = p_programme AND key = ANY (p_keys) AND stopped_at IS NULL RETURNING key
  LOOP
    PERFORM events_record(json_build_array(json_build_object(
      'programme_id', p_programme, 'type', 'campaign.stopped', 'occurred_at', p_at,
      'payload', json_build_object('campaign', paused, 'by', p_by))));
  END LOOP;
END $$;
