-- Capture the holds that pay an order, and write down which tender each paid. One that is not open any more undoes the statement.
CREATE FUNCTION campaigns_pay(p_programme bigint, p_order bigint, p_payments json, p_at timestamptz, p_actor text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE paid record; spending bigint;
BEGIN
  FOR paid IN
    SELECT * FROM json_to_recordset(p_payments) AS payment (place integer, hold_id bigint, unit_id bigint, points bigint,
                                                            value bigint, earns boolean, refund_order text)
  LOOP
    spending := ledger_capture(paid.hold_id, paid.points, p_at, p_actor);
    IF spending IS NULL THEN
      RAISE EXCEPTION 'the hold is not open any more' USING ERRCODE = 'unique_violation', CONSTRAINT = 'hold_ends_once';
    END IF;
    INSERT INTO campaigns_payment (programme_id, order_id, place, unit_id, hold_id, posting_id, points, value, earns, refund_order)
    VALUES (p_programme, p_order, paid.place, paid.unit_id, paid.hold_id, spending, paid.points, paid.value, paid.earns,
            paid.refund_order);
  END LOOP;
END $$;
