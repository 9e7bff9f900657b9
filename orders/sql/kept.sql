-- What a customer keeps of an order, as lines with their kept part: conditions about the past read it.

-- The part of an amount that belongs to what did not come back, rounded down: `orders.facts.Line.left_of`.
CREATE FUNCTION orders_left(amount bigint, quantity bigint, returned bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN returned = 0 THEN amount ELSE div(amount::numeric * (quantity - returned), quantity)::bigint END;

CREATE FUNCTION orders_lines(p_order bigint, p_lines jsonb)
RETURNS TABLE (no integer, sku text, kind text, quantity bigint, amount bigint, tax bigint, discount bigint, categories text[],
               labels text[], returned bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT line.no, line.sku, coalesce(line.kind, 'product'), line.quantity, line.amount, coalesce(line.tax, 0),
         coalesce(line.discount, 0), coalesce(line.categories, '{}'), coalesce(line.labels, '{}'), coalesce(back.returned, 0)
    FROM jsonb_to_recordset(p_lines) AS line (no integer, sku text, kind text, quantity bigint, amount bigint, tax bigint,
                                              discount bigint, categories text[], labels text[])
    LEFT JOIN orders_returnedline back ON back.order_id = p_order AND back.line_no = line.no
$$;

-- Of orders of which something came back: what is left, counted anew whenever more comes back. Reading a million members' history
-- then needs no look into the lines of orders that nothing came back of.
CREATE FUNCTION orders_count_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO orders_kept (order_id, total, is_kept)
  SELECT purchase.id, sum(orders_left(line.amount - line.discount, line.quantity, line.returned)),
         coalesce(bool_or(line.quantity > line.returned) FILTER (WHERE line.kind IN ('product', 'service')), TRUE)
    FROM (SELECT DISTINCT order_id FROM counted) came_back
    JOIN orders_order purchase ON purchase.id = came_back.order_id
    CROSS JOIN LATERAL orders_lines(purchase.id, purchase.lines) line
   GROUP BY purchase.id
   ORDER BY purchase.id
  ON CONFLICT (order_id) DO UPDATE SET total = excluded.total, is_kept = excluded.is_kept;
  RETURN NULL;
END $$;
CREATE TRIGGER count_kept AFTER INSERT ON orders_returnedline REFERENCING NEW TABLE AS counted
  FOR EACH STATEMENT EXECUTE FUNCTION orders_count_kept();
CREATE TRIGGER count_kept_again AFTER UPDATE ON orders_returnedline REFERENCING NEW TABLE AS counted
  FOR EACH STATEMENT EXECUTE FUNCTION orders_count_kept();
