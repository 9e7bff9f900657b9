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

-- An order is read whole and its lines are a few kilobytes: keep them in the row, uncompressed, because compressing costs more than
-- writing them.
ALTER TABLE orders_order SET (toast_tuple_target = 8160);
