-- Which of these references are on record, as JSON.
CREATE FUNCTION orders_known(p_programme bigint, p_sources text[], p_references text[]) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(json_build_object('source', known.source, 'reference', known.reference, 'id', known.id,
                                               'fingerprint', encode(known.fingerprint, 'hex'))), '[]')
      FROM unnest(p_sources, p_references) AS asked (source, reference)
      JOIN orders_order known ON known.programme_id = p_programme
       AND known.source = asked.source AND known.reference = asked.reference);
END $$;

-- Ids for orders that are named before they are written.
CREATE FUNCTION orders_new_ids(p_count integer) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE ids bigint[] := '{}';
BEGIN
  FOR i IN 1..p_count LOOP
    ids[i] := nextval('orders_order_id_seq');
  END LOOP;
  RETURN ids;
END $$;

-- Put new orders on record, in the given order. They come as one JSON value, because escaping a dozen arrays of texts costs the client
-- more than all the rest.
CREATE FUNCTION orders_register(p_programme bigint, p_orders json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders_order (id, programme_id, member_id, shop_id, source, reference, fingerprint, customer, channel, codes, currency, total,
                            lines, articles, tenders, placed_at)
  SELECT id, p_programme, member_id, shop_id, source, reference, decode(fingerprint, 'hex'), customer, channel, codes, currency, total,
         lines, articles, tenders, placed_at
    FROM json_to_recordset(p_orders)
      AS row (id bigint, member_id bigint, shop_id bigint, source text, reference text, fingerprint text, customer text, channel text, codes text[],
              currency text, total bigint, lines jsonb, articles text[], tenders jsonb, placed_at timestamptz);
END $$;
