CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_delivery FOR EACH ROW EXECUTE FUNCTION orders_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders_delivery EXECUTE FUNCTION orders_append_only();
