-- Buying units with money: terms, purchases, and what was said about their payments.

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_purchaseterms FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_purchaseterms EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_paymentnotice FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_paymentnotice EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_purchase FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_purchase EXECUTE FUNCTION ledger_append_only();

CREATE FUNCTION ledger_purchase_terms_are_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_unit WHERE id = NEW.unit_id AND klass = 'QUALIFYING') THEN
    PERFORM ledger_refuse_row('purchase_sells_no_qualifying_points', 'qualifying points are not for sale');
  ELSIF NEW.maximum / NEW.step * NEW.price::numeric + NEW.fee > 1000000000000 THEN
    PERFORM ledger_refuse_row('purchase_total_can_be_counted', 'so much is not sold at once');
  ELSIF NEW.minimum % NEW.step <> 0 OR NEW.maximum % NEW.step <> 0 THEN
    PERFORM ledger_refuse_row('purchase_limits_are_whole_steps', 'the least and the most are whole steps');
  ELSIF EXISTS (SELECT FROM ledger_unit unit JOIN shops_programme programme ON programme.id = unit.programme_id
                 WHERE unit.id = NEW.unit_id AND unit.klass = 'STORED_VALUE'
                   AND NEW.step::numeric * 10 ^ programme.currency_decimals <> NEW.price::numeric * 10 ^ unit.decimals) THEN
    PERFORM ledger_refuse_row('purchase_of_money_is_one_for_one', 'stored value costs what it is worth');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT ON ledger_purchaseterms FOR EACH ROW EXECUTE FUNCTION ledger_purchase_terms_are_sound();

-- A purchase costs what its terms say, and begins as a request.
CREATE FUNCTION ledger_purchase_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'REQUESTED' OR NOT EXISTS (
       SELECT FROM ledger_purchaseterms terms JOIN ledger_unit unit ON unit.id = terms.unit_id
         JOIN ledger_wallet wallet ON wallet.id = NEW.wallet_id
        WHERE terms.id = NEW.terms_id AND unit.id = NEW.unit_id AND unit.programme_id = NEW.programme_id
          AND wallet.programme_id = NEW.programme_id AND NEW.amount % terms.step = 0
          AND NEW.amount BETWEEN terms.minimum AND terms.maximum
          AND NEW.price = NEW.amount / terms.step * terms.price AND NEW.fee = terms.fee) THEN
    PERFORM ledger_refuse_row('purchase_follows_its_terms', 'a purchase begins as a request, for what its terms say');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER begins BEFORE INSERT ON ledger_purchase FOR EACH ROW EXECUTE FUNCTION ledger_purchase_begins();

-- Which state follows which; what was agreed stays, money and units only ever go back.
CREATE FUNCTION ledger_purchase_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.programme_id, OLD.wallet_id, OLD.unit_id, OLD.terms_id, OLD.number, OLD.source, OLD.reference, OLD.amount, OLD.price,
      OLD.fee, OLD.total, OLD.currency, OLD.requested_at, OLD.expires_at)
     IS DISTINCT FROM
     (NEW.id, NEW.programme_id, NEW.wallet_id, NEW.unit_id, NEW.terms_id, NEW.number, NEW.source, NEW.reference, NEW.amount, NEW.price,
      NEW.fee, NEW.total, NEW.currency, NEW.requested_at, NEW.expires_at)
     OR (OLD.payment <> '' AND (OLD.provider, OLD.payment) <> (NEW.provider, NEW.payment))
     OR (OLD.counts_in IS NOT NULL AND OLD.counts_in IS DISTINCT FROM NEW.counts_in)
     OR (OLD.posting_id IS NOT NULL AND (OLD.posting_id, OLD.captured_at, OLD.withdraw_until)
                                        IS DISTINCT FROM (NEW.posting_id, NEW.captured_at, NEW.withdraw_until)) THEN
    PERFORM ledger_refuse_row('purchase_stays_what_was_agreed', 'what was agreed of a purchase does not change');
  ELSIF (OLD.state, NEW.state) NOT IN (('REQUESTED', 'AUTHORISED'), ('REQUESTED', 'CAPTURED'), ('REQUESTED', 'CANCELLED'),
                                       ('AUTHORISED', 'CAPTURED'), ('AUTHORISED', 'CANCELLED'),
                                       ('CAPTURED', 'CAPTURED'), ('CAPTURED', 'REFUNDED')) THEN
    PERFORM ledger_refuse_row('purchase_goes_its_way', format('a purchase can''t become %s when it is %s', NEW.state, OLD.state));
  ELSIF NEW.refunded < OLD.refunded OR NEW.taken_back < OLD.taken_back THEN
    PERFORM ledger_refuse_row('purchase_gives_back_for_good', 'what was given back stays given back');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step BEFORE UPDATE ON ledger_purchase FOR EACH ROW EXECUTE FUNCTION ledger_purchase_step();

-- What of a unit a wallet bought in a calendar year: authorised and paid, less what went back.
CREATE FUNCTION ledger_bought(p_wallet bigint, p_unit bigint, p_year integer) RETURNS bigint
LANGUAGE sql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
  SELECT coalesce(sum(amount - taken_back), 0)::bigint FROM ledger_purchase
   WHERE wallet_id = p_wallet AND unit_id = p_unit AND counts_in = p_year AND state <> 'CANCELLED'
$$;

-- Ask to buy. `purchase` is null when more was asked for than the year's limit leaves (`left_over`), or when `waiting` others wait for
-- their payment already. A repeat answers the first; `fresh` is false then.
CREATE FUNCTION ledger_request_purchase(
  p_wallet bigint, p_terms bigint, p_amount bigint, p_source text, p_reference text, p_number text, p_provider text, p_payment text,
  p_at timestamptz, p_until timestamptz, p_year integer, p_most_waiting integer,
  OUT purchase bigint, OUT fresh boolean, OUT left_over bigint, OUT waiting bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE programme record; terms record; earlier record;
BEGIN
  SELECT * INTO STRICT terms FROM ledger_purchaseterms WHERE id = p_terms;
  SELECT shop.id, shop.currency INTO STRICT programme
    FROM ledger_wallet wallet JOIN shops_programme shop ON shop.id = wallet.programme_id WHERE wallet.id = p_wallet;
  PERFORM ledger_account_of(programme.id, p_wallet, terms.unit_id, 'MEMBER');
  PERFORM ledger_lock(p_wallet, p_at);
  SELECT * INTO earlier FROM ledger_purchase WHERE programme_id = programme.id AND source = p_source AND reference = p_reference;
  fresh := earlier.id IS NULL;
  IF NOT fresh THEN
    IF (earlier.wallet_id, earlier.unit_id, earlier.amount) <> (p_wallet, terms.unit_id, p_amount)
       OR (p_payment <> '' AND (earlier.provider, earlier.payment) <> (p_provider, p_payment)) THEN
      PERFORM ledger_refuse_reference(p_reference);
    END IF;
    purchase := earlier.id;
    RETURN;
  END IF;
  left_over := terms.max_per_year - ledger_bought(p_wallet, terms.unit_id, p_year);
  SELECT count(*) INTO waiting FROM ledger_purchase
   WHERE wallet_id = p_wallet AND state = 'REQUESTED' AND expires_at > p_at;
  IF p_amount > left_over OR waiting >= p_most_waiting THEN
    RETURN;
  END IF;
  INSERT INTO ledger_purchase (programme_id, wallet_id, unit_id, terms_id, number, source, reference, amount, price, fee, total, currency,
                               provider, payment, state, requested_at, expires_at, captured, refunded, taken_back)
  VALUES (programme.id, p_wallet, terms.unit_id, p_terms, p_number, p_source, p_reference, p_amount, p_amount / terms.step * terms.price,
          terms.fee, p_amount / terms.step * terms.price + terms.fee, programme.currency, p_provider, p_payment, 'REQUESTED', p_at,
          p_until, 0, 0, 0)
  ON CONFLICT (programme_id, source, reference) DO NOTHING RETURNING id INTO purchase;
  IF purchase IS NULL THEN
    -- Another wallet took the reference while this one waited for it.
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
END $$;

-- Why money can't come in for a purchase now; empty when it can. What is authorised counts in its year already.
CREATE FUNCTION ledger_purchase_objection(bought ledger_purchase, p_amount bigint, p_happened timestamptz, p_year integer) RETURNS text
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF bought.state = 'CANCELLED' OR (bought.state = 'REQUESTED' AND p_happened >= bought.expires_at) THEN
    RETURN 'purchase_not_open';
  ELSIF p_amount <> bought.total THEN
    RETURN 'payment_mismatch';
  ELSIF bought.state = 'REQUESTED' AND bought.amount
        > (SELECT max_per_year FROM ledger_purchaseterms WHERE id = bought.terms_id) - ledger_bought(bought.wallet_id, bought.unit_id, p_year) THEN
    RETURN 'purchase_limit_reached';
  END IF;
  RETURN '';
END $$;

-- The money is there: the units are, once.
CREATE FUNCTION ledger_capture_purchase(
  bought ledger_purchase, p_happened timestamptz, p_at timestamptz, p_year integer, p_expires timestamptz, p_withdraw timestamptz, p_actor text
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE own bigint; posted bigint;
BEGIN
  own := ledger_account_of(bought.programme_id, bought.wallet_id, bought.unit_id, 'MEMBER');
  posted := ledger_post(bought.programme_id, bought.unit_id, 'PURCHASE', 'purchase', bought.id::text, NULL, p_actor, p_happened,
                        ARRAY[own, ledger_account_of(bought.programme_id, NULL, bought.unit_id, 'CLEARING')],
                        ARRAY[bought.amount, -bought.amount]);
  IF posted IS NULL THEN
    PERFORM ledger_refuse_reference(bought.id::text);
  END IF;
  INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at)
  VALUES (bought.programme_id, bought.wallet_id, own, posted, bought.amount, bought.amount, 0, p_happened, p_expires);
  UPDATE ledger_purchase SET state = 'CAPTURED', captured = total, captured_at = p_happened, posting_id = posted,
                             counts_in = coalesce(counts_in, p_year), withdraw_until = p_withdraw WHERE id = bought.id;
  PERFORM ledger_settle(bought.wallet_id, p_at);
END $$;

-- Money went back, `p_refunded` of it in all: as much of the units goes, in proportion to the price and rounded up. It depends on the
-- sum alone, so a sum told twice or too late takes nothing.
CREATE FUNCTION ledger_refund_purchase(bought ledger_purchase, p_refunded bigint, p_at timestamptz, p_actor text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE units bigint;
BEGIN
  units := ceil(least(bought.price, p_refunded)::numeric * bought.amount / bought.price);
  IF units > bought.taken_back THEN
    PERFORM ledger_take_back(bought.posting_id, 'PURCHASE', 'CLEARING', units - bought.taken_back, 'purchase',
                             format('%s:%s', bought.id, p_refunded), p_at, p_actor);
  END IF;
  UPDATE ledger_purchase SET refunded = p_refunded, taken_back = units, refunded_at = p_at,
                             state = CASE WHEN p_refunded = total THEN 'REFUNDED' ELSE 'CAPTURED' END WHERE id = bought.id;
END $$;

-- Why the member can't withdraw at `p_at`; empty when they can: the right lasts, and nothing of the purchase's own lot was used.
CREATE FUNCTION ledger_withdrawal_objection(bought ledger_purchase, p_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE lot record;
BEGIN
  SELECT remaining, reserved, expires_at INTO lot FROM ledger_lot WHERE posting_id = bought.posting_id;
  RETURN CASE WHEN bought.withdraw_until IS NULL THEN 'no_withdrawal'
              WHEN p_at >= bought.withdraw_until OR p_at >= lot.expires_at THEN 'withdrawal_over'
              WHEN lot.reserved > 0 OR lot.remaining < bought.amount - bought.taken_back THEN 'withdrawal_used'
              ELSE '' END;
END $$;

-- Hear what somebody says about a payment. `refusal` says why it can't be so, and then nothing was written. `changed` says whether it
-- was news, `state` is that of the purchase behind it; a notice that came before (`fresh` is false) is answered as it was then.
CREATE FUNCTION ledger_tell_payment(
  p_purchase bigint, p_provider text, p_notice text, p_kind text, p_payment text, p_amount bigint, p_fingerprint bytea,
  p_happened timestamptz, p_at timestamptz, p_year integer, p_expires timestamptz, p_withdraw timestamptz, p_actor text,
  OUT refusal text, OUT fresh boolean, OUT changed boolean, OUT state text
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE bought ledger_purchase; earlier record; amount bigint;
BEGIN
  refusal := ''; fresh := true; changed := false;
  SELECT * INTO STRICT bought FROM ledger_purchase WHERE id = p_purchase;
  PERFORM ledger_account_of(bought.programme_id, bought.wallet_id, bought.unit_id, 'MEMBER');
  PERFORM ledger_lock(bought.wallet_id, p_at);
  -- A statement of its own: it sees what was written while the lock waited.
  SELECT * INTO STRICT bought FROM ledger_purchase WHERE id = p_purchase;
  SELECT bool_or(told.fingerprint <> p_fingerprint OR told.purchase_id <> p_purchase) AS is_other, bool_or(told.refusal = '') AS counted,
         bool_or(told.changed) AS changed, max(told.state) FILTER (WHERE told.refusal = '') AS state INTO earlier
    FROM ledger_paymentnotice told
   WHERE told.programme_id = bought.programme_id AND told.provider = p_provider AND told.notice = p_notice AND told.refusal <> 'notice_reused';
  IF earlier.is_other THEN
    refusal := 'notice_reused';
    RETURN;
  ELSIF earlier.counted THEN
    fresh := false; changed := earlier.changed; state := earlier.state;
    RETURN;
  ELSIF p_payment <> '' AND bought.payment <> '' AND (p_provider, p_payment) <> (bought.provider, bought.payment) THEN
    refusal := 'payment_contradicted';
    RETURN;
  END IF;
  IF p_payment <> '' AND bought.payment = '' AND bought.state IN ('REQUESTED', 'AUTHORISED') THEN
    bought.provider := p_provider; bought.payment := p_payment;
  END IF;
  amount := coalesce(p_amount, bought.total);

  IF p_kind IN ('AUTHORISED', 'CAPTURED') THEN
    refusal := ledger_purchase_objection(bought, amount, p_happened, p_year);
    changed := refusal = '' AND (bought.state = 'REQUESTED' OR (bought.state = 'AUTHORISED' AND p_kind = 'CAPTURED'));
  ELSIF p_kind = 'CANCELLED' THEN
    refusal := CASE WHEN bought.captured > 0 THEN 'purchase_captured' ELSE '' END;
    changed := refusal = '' AND bought.state <> 'CANCELLED';
  ELSE
    changed := bought.captured > 0 AND amount > bought.refunded;
    refusal := CASE WHEN bought.captured = 0 THEN 'purchase_not_captured'
                    WHEN amount > bought.total THEN 'payment_mismatch'
                    WHEN changed AND p_kind = 'WITHDRAWN' THEN ledger_withdrawal_objection(bought, p_at)
                    WHEN changed AND amount < bought.total AND NOT EXISTS (
                         SELECT FROM ledger_unit WHERE id = bought.unit_id AND klass = 'STORED_VALUE') THEN 'refund_not_whole'
                    ELSE '' END;
  END IF;
  IF refusal <> '' THEN
    changed := false;
    RETURN;
  END IF;

  IF changed AND p_kind IN ('AUTHORISED', 'CAPTURED') THEN
    IF bought.state = 'REQUESTED' THEN
      UPDATE ledger_purchase SET state = 'AUTHORISED', authorised_at = p_happened, counts_in = p_year, provider = bought.provider,
                                 payment = bought.payment WHERE id = p_purchase;
    END IF;
    IF p_kind = 'CAPTURED' THEN
      PERFORM ledger_capture_purchase(bought, p_happened, p_at, p_year, p_expires, p_withdraw, p_actor);
    END IF;
  ELSIF changed AND p_kind = 'CANCELLED' THEN
    UPDATE ledger_purchase SET state = 'CANCELLED', cancelled_at = p_happened WHERE id = p_purchase;
  ELSIF changed THEN
    PERFORM ledger_refund_purchase(bought, amount, p_at, p_actor);
  END IF;
  SELECT now.state INTO state FROM ledger_purchase now WHERE now.id = p_purchase;
  INSERT INTO ledger_paymentnotice (programme_id, purchase_id, provider, notice, kind, payment, amount, happened_at, told_at, actor,
                                    fingerprint, changed, state, refusal)
  VALUES (bought.programme_id, p_purchase, p_provider, p_notice, p_kind, p_payment, p_amount, p_happened, p_at, p_actor, p_fingerprint,
          changed, state, '');
END $$;

-- Keep a notice that was refused; the same refusal of the same notice once.
CREATE FUNCTION ledger_refuse_notice(
  p_programme bigint, p_purchase bigint, p_provider text, p_notice text, p_kind text, p_payment text, p_amount bigint, p_fingerprint bytea,
  p_happened timestamptz, p_at timestamptz, p_actor text, p_refusal text
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger_paymentnotice (programme_id, purchase_id, provider, notice, kind, payment, amount, happened_at, told_at, actor,
                                    fingerprint, changed, state, refusal)
  VALUES (p_programme, p_purchase, p_provider, p_notice, p_kind, p_payment, p_amount, p_happened, p_at, p_actor, p_fingerprint, false,
          coalesce((SELECT state FROM ledger_purchase WHERE id = p_purchase), ''), p_refusal)
  ON CONFLICT DO NOTHING
$$;
