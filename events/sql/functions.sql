-- Facts into the outbox, in the given order.
CREATE FUNCTION events_record(p_facts json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events_outboxevent (programme_id, type, payload, occurred_at)
  SELECT programme_id, type, payload, occurred_at
    FROM json_to_recordset(p_facts) AS fact (programme_id bigint, type text, payload jsonb, occurred_at timestamptz);
END $$;
