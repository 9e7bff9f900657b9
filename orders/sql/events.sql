-- Events are never edited or removed; what their types say grows only.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_event FOR EACH ROW EXECUTE FUNCTION orders_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders_event EXECUTE FUNCTION orders_append_only();

CREATE FUNCTION orders_event_type_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a type of events is never removed' USING ERRCODE = 'check_violation', CONSTRAINT = 'event_type_only_grows';
  END IF;
  IF (NEW.programme_id, NEW.key) IS DISTINCT FROM (OLD.programme_id, OLD.key) OR EXISTS (
    SELECT 1 FROM jsonb_array_elements(OLD.attributes) AS before
     WHERE NOT EXISTS (
       SELECT 1 FROM jsonb_array_elements(NEW.attributes) AS after
        WHERE after - 'label' - 'retired' = before - 'label' - 'retired'
          AND (after ? 'retired' OR NOT before ? 'retired')))
  THEN
    RAISE EXCEPTION 'what a type of events says is added to only'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'event_type_only_grows';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON orders_eventtype FOR EACH ROW EXECUTE FUNCTION orders_event_type_grows();

-- The types that a programme declared, as JSON.
CREATE FUNCTION orders_event_types(p_programme bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(json_build_object('key', key, 'name', name, 'attributes', attributes,
                                               'retired', retired_at IS NOT NULL) ORDER BY key), '[]')
      FROM orders_eventtype WHERE programme_id = p_programme);
END $$;

-- Which of these references are on record, as JSON.
CREATE FUNCTION orders_known_events(p_programme bigint, p_sources text[], p_references text[]) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(json_build_object('source', known.source, 'reference', known.reference, 'id', known.id,
                                               'fingerprint', encode(known.fingerprint, 'hex'))), '[]')
      FROM unnest(p_sources, p_references) AS asked (source, reference)
      JOIN orders_event known ON known.programme_id = p_programme
       AND known.source = asked.source AND known.reference = asked.reference);
END $$;

-- Ids for events that are named before they are written.
CREATE FUNCTION orders_new_event_ids(p_count integer) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE ids bigint[] := '{}';
BEGIN
  FOR i IN 1..p_count LOOP
    ids[i] := nextval('orders_event_id_seq');
  END LOOP;
  RETURN ids;
END $$;

-- Put new events on record, in the given order.
CREATE FUNCTION orders_register_events(p_programme bigint, p_events json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders_event (id, programme_id, member_id, shop_id, type, source, reference, fingerprint, customer, payload, occurred_at)
  SELECT id, p_programme, member_id, shop_id, type, source, reference, decode(fingerprint, 'hex'), customer, payload, occurred_at
    FROM json_to_recordset(p_events)
      AS row (id bigint, member_id bigint, shop_id bigint, type text, source text, reference text, fingerprint text, customer text,
              payload jsonb, occurred_at timestamptz);
END $$;
