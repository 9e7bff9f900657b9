-- What a source reported is never edited or removed.

CREATE FUNCTION orders_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' AND starts_with(current_database(), 'test_') THEN
    RETURN NULL;  -- test databases are emptied between tests
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_order FOR EACH ROW EXECUTE FUNCTION orders_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_return FOR EACH ROW EXECUTE FUNCTION orders_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders_order EXECUTE FUNCTION orders_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders_return EXECUTE FUNCTION orders_append_only();

-- What came back is counted up only: a count that fell would let the same goods come back twice.
CREATE FUNCTION orders_returned_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.returned >= OLD.returned AND (NEW.order_id, NEW.line_no, NEW.sold) = (OLD.order_id, OLD.line_no, OLD.sold) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'what came back is counted up only' USING ERRCODE = 'check_violation', CONSTRAINT = 'returned_only_grows';
END $$;
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON orders_returnedline FOR EACH ROW EXECUTE FUNCTION orders_returned_grows();

-- An order is read whole and its lines are a few kilobytes: keep them in the row, uncompressed, because compressing costs more than
-- writing them.
ALTER TABLE orders_order SET (toast_tuple_target = 8160);
