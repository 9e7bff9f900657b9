-- What members send each other: at once, or as an offer that keeps its points in a hold until the receiver says yes.
-- Locks: the accounts of both wallets while one is made or accepted, those of the sender while it ends otherwise. Whatever counts
-- against a limit of a wallet is written while that wallet is locked.

ALTER TABLE ledger_transfer
  ADD CONSTRAINT transfer_giver_is_of_its_programme FOREIGN KEY (programme_id, from_wallet_id) REFERENCES ledger_wallet (programme_id, id),
  ADD CONSTRAINT transfer_receiver_is_of_its_programme FOREIGN KEY (programme_id, to_wallet_id) REFERENCES ledger_wallet (programme_id, id),
  ADD CONSTRAINT transfer_unit_is_of_its_programme FOREIGN KEY (programme_id, unit_id) REFERENCES ledger_unit (programme_id, id);

CREATE FUNCTION ledger_transfer_terms_are_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_unit WHERE id = NEW.unit_id AND klass = 'QUALIFYING') THEN
    PERFORM ledger_refuse_row('transfer_terms_are_for_no_qualifying_points', 'qualifying points stay with who earned them');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON ledger_transferterms FOR EACH ROW EXECUTE FUNCTION ledger_transfer_terms_are_sound();

CREATE FUNCTION ledger_transfer_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state NOT IN ('OFFERED', 'DONE') THEN
    PERFORM ledger_refuse_row('transfer_begins_open_or_done', 'a transfer begins as an offer or is done at once');
  ELSIF EXISTS (SELECT FROM ledger_unit WHERE id = NEW.unit_id AND klass = 'QUALIFYING') THEN
    PERFORM ledger_refuse_row('transfer_is_of_no_qualifying_points', 'qualifying points stay with who earned them');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_is_sound();

CREATE FUNCTION ledger_transfer_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'OFFERED' OR NEW.state NOT IN ('ACCEPTED', 'DECLINED', 'WITHDRAWN', 'LAPSED')
     OR to_jsonb(OLD) - ARRAY['state', 'ended_at', 'ended_by', 'posting_id']
        <> to_jsonb(NEW) - ARRAY['state', 'ended_at', 'ended_by', 'posting_id'] THEN
    PERFORM ledger_refuse_row('transfer_ends_once', 'an offer ends once and never changes what it offers');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transfer_step BEFORE UPDATE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_transfer_step();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_transfer EXECUTE FUNCTION ledger_append_only();

-- What counts against the limits of a wallet at `p_at`, by days and calendar months of a time zone: what it sent in this month, open
-- offers included; how many transfers it began today, whatever became of them; what it received in this month; what it is offered.
CREATE FUNCTION ledger_transferred(
  p_wallet bigint, p_unit bigint, p_at timestamptz, p_zone text, OUT sent bigint, OUT made bigint, OUT received bigint, OUT coming bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE today timestamp; month timestamp; day_began timestamptz; day_ends timestamptz; month_began timestamptz; month_ends timestamptz;
BEGIN
  today := date_trunc('day', p_at AT TIME ZONE p_zone);
  month := date_trunc('month', today);
  day_began := today AT TIME ZONE p_zone;
  day_ends := (today + interval '1 day') AT TIME ZONE p_zone;
  month_began := month AT TIME ZONE p_zone;
  month_ends := (month + interval '1 month') AT TIME ZONE p_zone;
  SELECT coalesce(sum(amount) FILTER (WHERE state IN ('ACCEPTED', 'DONE') OR state = 'OFFERED' AND ends_at > p_at), 0),
         count(*) FILTER (WHERE made_at >= day_began AND made_at < day_ends)
    INTO sent, made FROM ledger_transfer
   WHERE from_wallet_id = p_wallet AND unit_id = p_unit AND made_at >= month_began AND made_at < month_ends;
  SELECT coalesce(sum(amount) FILTER (WHERE state IN ('ACCEPTED', 'DONE') AND ended_at >= month_began AND ended_at < month_ends), 0),
         coalesce(sum(amount) FILTER (WHERE state = 'OFFERED' AND ends_at > p_at), 0)
    INTO received, coming FROM ledger_transfer
   WHERE to_wallet_id = p_wallet AND unit_id = p_unit AND (ended_at >= month_began OR ended_at IS NULL);
END $$;

-- Send, or with `p_until` offer. `refused` says which limit would be exceeded, with what is used of it, or `points` when the sender has
-- not so much. `fresh` is false when the reference is known, whatever it stands for. An offer ends before the first of its points
-- expires: those that have expired can't be sent, and offering them lengthens no life.
CREATE FUNCTION ledger_send(
  p_wallet bigint, p_to bigint, p_unit bigint, p_amount bigint, p_fee bigint, p_message text, p_source text, p_reference text,
  p_at timestamptz, p_until timestamptz, p_actor text, p_zone text, p_sent_at_most bigint, p_made_at_most bigint,
  p_received_at_most bigint, OUT transfer bigint, OUT fresh boolean, OUT refused text, OUT used bigint, OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE programme bigint; own bigint; target bigint; giver record; receiver record; taken record; ends timestamptz; kept bigint; posted bigint;
BEGIN
  SELECT programme_id INTO STRICT programme FROM ledger_wallet WHERE id = p_wallet;
  own := ledger_account_of(programme, p_wallet, p_unit, 'MEMBER');
  target := ledger_account_of(programme, p_to, p_unit, 'MEMBER');
  PERFORM ledger_lock_pair(p_wallet, p_to, p_at);
  SELECT id INTO transfer FROM ledger_transfer WHERE programme_id = programme AND source = p_source AND reference = p_reference;
  fresh := transfer IS NULL;
  IF NOT fresh THEN
    RETURN;
  END IF;
  giver := ledger_transferred(p_wallet, p_unit, p_at, p_zone);
  receiver := ledger_transferred(p_to, p_unit, p_at, p_zone);
  CASE
    WHEN giver.made + 1 > p_made_at_most THEN
      refused := 'made_today'; used := giver.made;
    WHEN giver.sent + p_amount > p_sent_at_most THEN
      refused := 'sent_this_month'; used := giver.sent;
    WHEN receiver.received + receiver.coming + p_amount > p_received_at_most THEN
      refused := 'received_this_month'; used := receiver.received + receiver.coming;
    ELSE
      taken := ledger_pick(own, p_amount + p_fee, p_at);
      spendable := taken.total;
      IF taken.total < p_amount + p_fee THEN
        refused := 'points';
      END IF;
  END CASE;
  IF refused IS NOT NULL THEN
    RETURN;
  END IF;
  transfer := nextval('ledger_transfer_id_seq');
  IF p_until IS NULL THEN
    posted := ledger_move(own, target, taken.lots, taken.amounts, p_fee, 'transfer', transfer::text, p_at, p_actor);
    PERFORM ledger_carry_silence(own, target, false);
    PERFORM ledger_settle(p_to, p_at);
  ELSE
    SELECT least(p_until, min(expires_at)) INTO ends FROM ledger_lot WHERE id = ANY (taken.lots);
    kept := ledger_keep(own, taken.lots, taken.amounts, 'transfer', transfer::text, p_at, ends);
  END IF;
  INSERT INTO ledger_transfer (id, programme_id, from_wallet_id, to_wallet_id, unit_id, amount, fee, message, source, reference, made_by,
                               made_at, ends_at, state, ended_by, ended_at, hold_id, posting_id)
  VALUES (transfer, programme, p_wallet, p_to, p_unit, p_amount, p_fee, p_message, p_source, p_reference, p_actor,
          p_at, ends, CASE WHEN kept IS NULL THEN 'DONE' ELSE 'OFFERED' END, '', CASE WHEN kept IS NULL THEN p_at END, kept, posted)
  ON CONFLICT (programme_id, source, reference) DO NOTHING;
  IF NOT FOUND THEN
    -- Another pair of wallets took the reference while this one waited for it.
    PERFORM ledger_refuse_reference(p_reference);
  END IF;
END $$;

-- Say yes to an offer: exactly the lots that it kept are moved. `posting` is null when it is not open any more, or when the receiver
-- would get more this month than `p_received_at_most`: then `used` says what came so far.
CREATE FUNCTION ledger_take_offer(
  p_transfer bigint, p_at timestamptz, p_actor text, p_zone text, p_received_at_most bigint, OUT posting bigint, OUT used bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE offer record; target bigint; taken record;
BEGIN
  SELECT from_wallet_id, to_wallet_id INTO STRICT offer FROM ledger_transfer WHERE id = p_transfer;
  PERFORM ledger_lock_pair(offer.from_wallet_id, offer.to_wallet_id, p_at);
  offer := ledger_open_offer(p_transfer, p_at);
  IF offer.id IS NULL THEN
    RETURN;
  END IF;
  used := (ledger_transferred(offer.to_wallet_id, offer.unit_id, p_at, p_zone)).received;
  IF used + offer.amount > p_received_at_most THEN
    RETURN;
  END IF;
  used := NULL;
  target := ledger_account_of(offer.programme_id, offer.to_wallet_id, offer.unit_id, 'MEMBER');
  SELECT array_agg(lot_id ORDER BY id) AS lots, array_agg(amount ORDER BY id) AS amounts INTO taken
    FROM ledger_holdlot WHERE hold_id = offer.hold_id;
  PERFORM ledger_close_holds(ARRAY[offer.hold_id], p_at);
  posting := ledger_move(offer.account_id, target, taken.lots, taken.amounts, offer.fee, 'transfer', p_transfer::text, p_at, p_actor);
  UPDATE ledger_transfer SET state = 'ACCEPTED', ended_at = p_at, ended_by = p_actor, posting_id = posting WHERE id = p_transfer;
  PERFORM ledger_carry_silence(offer.account_id, target, false);
  PERFORM ledger_settle(offer.to_wallet_id, p_at);
END $$;

-- End an open offer with a no of either side; its points are free again. False when it was not open any more.
CREATE FUNCTION ledger_end_offer(p_transfer bigint, p_state text, p_at timestamptz, p_actor text) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE offer record;
BEGIN
  SELECT from_wallet_id INTO STRICT offer FROM ledger_transfer WHERE id = p_transfer;
  PERFORM ledger_lock(offer.from_wallet_id, p_at);
  offer := ledger_open_offer(p_transfer, p_at);
  IF offer.id IS NULL THEN
    RETURN false;
  END IF;
  PERFORM ledger_close_holds(ARRAY[offer.hold_id], p_at);
  UPDATE ledger_transfer SET state = p_state, ended_at = p_at, ended_by = p_actor WHERE id = p_transfer;
  PERFORM ledger_settle(offer.from_wallet_id, p_at);
  RETURN true;
END $$;

-- An offer as it is behind the lock of its sender's wallet; all null when it is not open. Somebody whose clock is ahead may have freed
-- what it kept.
CREATE FUNCTION ledger_open_offer(
  p_transfer bigint, p_at timestamptz, OUT id bigint, OUT programme_id bigint, OUT from_wallet_id bigint, OUT to_wallet_id bigint,
  OUT unit_id bigint, OUT amount bigint, OUT fee bigint, OUT hold_id bigint, OUT account_id bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  SELECT offer.id, offer.programme_id, offer.from_wallet_id, offer.to_wallet_id, offer.unit_id, offer.amount, offer.fee, kept.id, kept.account_id
    INTO id, programme_id, from_wallet_id, to_wallet_id, unit_id, amount, fee, hold_id, account_id
    FROM ledger_transfer offer JOIN ledger_hold kept ON kept.id = offer.hold_id
   WHERE offer.id = p_transfer AND offer.state = 'OFFERED' AND offer.ends_at > p_at AND kept.state = 'HELD';
END $$;

-- Write down the next offers of a programme whose time is over, at most `p_count`; which they are.
CREATE FUNCTION ledger_lapse_offers(p_programme bigint, p_at timestamptz, p_count integer) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE offer record; lapsed bigint[] := '{}';
BEGIN
  FOR offer IN
    SELECT id, from_wallet_id FROM ledger_transfer
     WHERE programme_id = p_programme AND state = 'OFFERED' AND ends_at <= p_at ORDER BY from_wallet_id, id LIMIT p_count
  LOOP
    -- Locking frees what it kept.
    PERFORM ledger_lock(offer.from_wallet_id, p_at);
    UPDATE ledger_transfer SET state = 'LAPSED', ended_at = ends_at, ended_by = 'night' WHERE id = offer.id AND state = 'OFFERED';
    IF FOUND THEN
      lapsed := lapsed || offer.id;
    END IF;
  END LOOP;
  RETURN lapsed;
END $$;
