-- Manual adjustments. What was asked for is frozen under a digest, decided once by somebody else, and each of its lines is posted once.
-- Locks: the unit while somebody asks, the request while it is decided or posted, then wallets' accounts as everywhere.

-- What an approval is bound to. Instants as seconds, because their text depends on the session's time zone.
CREATE FUNCTION ledger_digest_of(
  p_programme bigint, p_unit bigint, p_reason text, p_wording text, p_note text, p_lines jsonb
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(p_programme, p_unit, p_reason, p_wording, p_note, p_lines)::text, 'UTF8'))
$$;

CREATE FUNCTION ledger_adjustment_digest(p_adjustment bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT ledger_digest_of(programme_id, unit_id, reason, wording, note,
           (SELECT jsonb_agg(jsonb_build_array(no, wallet_id, amount, extract(epoch FROM expires_at), has_own_end, line.wording) ORDER BY no)
              FROM ledger_adjustmentline line WHERE line.adjustment_id = adjustment.id))
    FROM ledger_adjustment adjustment WHERE id = p_adjustment
$$;

-- What somebody asked for in a unit within the day before `p_at`, plus and minus added up. Rejected and withdrawn requests count no more.
CREATE FUNCTION ledger_asked_lately(p_unit bigint, p_by bigint, p_via text, p_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(plus + minus), 0)::bigint FROM ledger_adjustment
   WHERE unit_id = p_unit AND requested_at > p_at - interval '24 hours' AND state IN ('OPEN', 'APPROVED')
     AND CASE WHEN p_by IS NULL THEN requested_by_id IS NULL AND requested_via = p_via ELSE requested_by_id = p_by END
$$;

-- Ask. `adjustment` is null when it would exceed the unit's limit: then `used` says what of it is used and `cap` what it is. `fresh` is
-- false for a repeat.
CREATE FUNCTION ledger_ask_adjustment(
  p_request json, p_lines json, OUT adjustment bigint, OUT fresh boolean, OUT used bigint, OUT cap bigint
) LANGUAGE plpgsql AS $$
DECLARE asked ledger_adjustment; digest bytea; earlier bytea;
BEGIN
  asked := json_populate_record(NULL::ledger_adjustment, p_request);
  SELECT count(*), coalesce(sum(amount) FILTER (WHERE amount > 0), 0), coalesce(-sum(amount) FILTER (WHERE amount < 0), 0),
         ledger_digest_of(asked.programme_id, asked.unit_id, asked.reason, asked.wording, asked.note,
           jsonb_agg(jsonb_build_array(no, wallet_id, amount, extract(epoch FROM expires_at), has_own_end, wording) ORDER BY no))
    INTO asked.line_count, asked.plus, asked.minus, digest
    FROM json_to_recordset(p_lines) AS line (no bigint, wallet_id bigint, amount bigint, expires_at timestamptz, has_own_end boolean, wording text);

  -- One request of a unit at a time: what was used is then what was used.
  SELECT adjustment_limit INTO STRICT cap FROM ledger_unit
   WHERE id = asked.unit_id AND programme_id = asked.programme_id FOR NO KEY UPDATE;
  SELECT id, payload_sha256 INTO adjustment, earlier FROM ledger_adjustment
   WHERE programme_id = asked.programme_id AND source = asked.source AND reference = asked.reference;
  fresh := adjustment IS NULL;
  IF NOT fresh THEN
    IF earlier <> digest THEN
      PERFORM ledger_refuse_reference(asked.reference);
    END IF;
    RETURN;
  END IF;
  used := ledger_asked_lately(asked.unit_id, asked.requested_by_id, asked.requested_via, asked.requested_at);
  IF used + asked.plus + asked.minus > cap THEN
    RETURN;
  END IF;
  INSERT INTO ledger_adjustment (programme_id, unit_id, reason, wording, note, line_count, plus, minus, payload_sha256, source, reference,
                                 requested_by_id, requested_via, requested_at, lapses_at, state, decision_note)
  VALUES (asked.programme_id, asked.unit_id, asked.reason, asked.wording, asked.note, asked.line_count, asked.plus, asked.minus, digest,
          asked.source, asked.reference, asked.requested_by_id, asked.requested_via, asked.requested_at, asked.lapses_at, 'OPEN', '')
  ON CONFLICT (programme_id, source, reference) DO NOTHING RETURNING id INTO adjustment;
  IF adjustment IS NULL THEN
    -- The same reference at the same moment for another unit.
    PERFORM ledger_refuse_reference(asked.reference);
  END IF;
  INSERT INTO ledger_adjustmentline (adjustment_id, no, wallet_id, amount, expires_at, has_own_end, wording, refusal)
  SELECT adjustment, no, wallet_id, amount, expires_at, has_own_end, wording, ''
    FROM json_to_recordset(p_lines) AS line (no bigint, wallet_id bigint, amount bigint, expires_at timestamptz, has_own_end boolean, wording text);
END $$;

-- Post one line of an approved request, once. `posting` is null when the wallet cannot pay: then `spendable` says what it could.
CREATE FUNCTION ledger_adjust(
  p_line bigint, p_at timestamptz, p_actor text, OUT posting bigint, OUT fresh boolean, OUT spendable bigint
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE line record; own bigint; taken record;
BEGIN
  SELECT part.wallet_id, part.amount, part.expires_at, part.has_own_end, adjustment.programme_id, adjustment.unit_id INTO STRICT line
    FROM ledger_adjustmentline part JOIN ledger_adjustment adjustment ON adjustment.id = part.adjustment_id WHERE part.id = p_line;
  -- Before the lock, so that it has something to lock in a wallet that never had this unit.
  own := ledger_account_of(line.programme_id, line.wallet_id, line.unit_id, 'MEMBER');
  PERFORM ledger_lock(line.wallet_id, p_at);
  SELECT id INTO posting FROM ledger_posting
   WHERE programme_id = line.programme_id AND source = 'adjustment' AND kind = 'ADJUST' AND reference = p_line::text;
  fresh := posting IS NULL;
  IF NOT fresh THEN
    UPDATE ledger_adjustmentline SET posting_id = posting, refusal = '' WHERE id = p_line AND posting_id IS NULL;
    RETURN;
  END IF;
  IF line.amount < 0 THEN
    taken := ledger_pick(own, -line.amount, p_at);
    spendable := taken.total;
    IF taken.total < -line.amount THEN
      RETURN;
    END IF;
  END IF;
  posting := ledger_post(line.programme_id, line.unit_id, 'ADJUST', 'adjustment', p_line::text, NULL, p_actor, p_at,
                         ARRAY[own, ledger_account_of(line.programme_id, NULL, line.unit_id, 'ADJUSTMENT')],
                         ARRAY[line.amount, -line.amount]);
  IF line.amount < 0 THEN
    PERFORM ledger_consume(line.programme_id, line.wallet_id, posting, taken.lots, taken.amounts);
  ELSE
    INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at, has_own_end)
    VALUES (line.programme_id, line.wallet_id, own, posting, line.amount, line.amount, 0, p_at, line.expires_at, line.has_own_end);
    PERFORM ledger_settle(line.wallet_id, p_at);
  END IF;
  UPDATE ledger_adjustmentline SET posting_id = posting, refusal = '' WHERE id = p_line;
END $$;

-- The database refuses what nobody else approved, whoever writes.

ALTER TABLE ledger_adjustment
  ADD CONSTRAINT adjustment_unit_is_of_its_programme FOREIGN KEY (programme_id, unit_id) REFERENCES ledger_unit (programme_id, id);

CREATE FUNCTION ledger_adjustment_is_born_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'OPEN' THEN
    PERFORM ledger_refuse_row('adjustment_is_born_open', 'a request is born open');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER born_open BEFORE INSERT ON ledger_adjustment FOR EACH ROW EXECUTE FUNCTION ledger_adjustment_is_born_open();

CREATE FUNCTION ledger_adjustment_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.programme_id, OLD.unit_id, OLD.reason, OLD.wording, OLD.note, OLD.line_count, OLD.plus, OLD.minus, OLD.payload_sha256,
      OLD.source, OLD.reference, OLD.requested_by_id, OLD.requested_via, OLD.requested_at, OLD.lapses_at)
     IS DISTINCT FROM
     (NEW.id, NEW.programme_id, NEW.unit_id, NEW.reason, NEW.wording, NEW.note, NEW.line_count, NEW.plus, NEW.minus, NEW.payload_sha256,
      NEW.source, NEW.reference, NEW.requested_by_id, NEW.requested_via, NEW.requested_at, NEW.lapses_at) THEN
    PERFORM ledger_refuse_row('adjustment_never_changes', 'what was asked for never changes');
  ELSIF OLD.state <> 'OPEN' AND (OLD.state, OLD.decided_by_id, OLD.decided_at, OLD.decision_note)
     IS DISTINCT FROM (NEW.state, NEW.decided_by_id, NEW.decided_at, NEW.decision_note) THEN
    PERFORM ledger_refuse_row('adjustment_is_decided_once', 'a request is decided once');
  ELSIF OLD.state = 'OPEN' AND NEW.state <> 'OPEN' AND NEW.decided_at NOT BETWEEN OLD.requested_at AND OLD.lapses_at - interval '1 microsecond' THEN
    PERFORM ledger_refuse_row('adjustment_is_decided_in_time', 'a request is decided before it lapses');
  ELSIF OLD.state = 'OPEN' AND NEW.state = 'APPROVED' THEN
    IF OLD.payload_sha256 IS DISTINCT FROM ledger_adjustment_digest(OLD.id) THEN
      PERFORM ledger_refuse_row('adjustment_is_what_was_asked', 'what would be approved is not what was asked for');
    ELSIF NOT EXISTS (SELECT FROM shops_staffrole role JOIN shops_user person ON person.id = role.user_id
                       WHERE role.user_id = NEW.decided_by_id AND role.programme_id = OLD.programme_id AND role.role = 'APPROVER'
                         AND role.shop_id IS NULL AND person.is_active
                         AND (role.granted_by_id IS NULL OR OLD.requested_by_id IS NULL OR role.granted_by_id <> OLD.requested_by_id
                              OR role.granted_at <= NEW.decided_at - interval '24 hours')) THEN
      PERFORM ledger_refuse_row('adjustment_is_approved_by_an_approver',
                                'only an approver of the programme approves, and not one that the requester just made');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step BEFORE UPDATE ON ledger_adjustment FOR EACH ROW EXECUTE FUNCTION ledger_adjustment_step();

-- Lines come with their request and are what its digest and sums say, so none can be added later.
CREATE FUNCTION ledger_adjustment_lines_are_those_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_adjustment adjustment WHERE id IN (SELECT adjustment_id FROM new_rows)
        AND (payload_sha256 IS DISTINCT FROM ledger_adjustment_digest(id)
             OR (line_count, plus, minus) <> (
                 SELECT count(*)::integer, coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,
                        coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint
                   FROM ledger_adjustmentline line WHERE line.adjustment_id = adjustment.id))) THEN
    PERFORM ledger_refuse_row('adjustment_is_what_was_asked', 'the lines are not those that were asked for');
  END IF;
  IF EXISTS (SELECT FROM new_rows line JOIN ledger_adjustment adjustment ON adjustment.id = line.adjustment_id
               JOIN ledger_wallet wallet ON wallet.id = line.wallet_id WHERE wallet.programme_id <> adjustment.programme_id) THEN
    PERFORM ledger_refuse_row('adjustment_wallet_is_of_its_programme', 'a wallet of another programme');
  END IF;
  IF EXISTS (SELECT FROM new_rows WHERE posting_id IS NOT NULL OR refusal <> '') THEN
    PERFORM ledger_refuse_row('adjustment_line_is_born_open', 'a line is born open');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER those_asked AFTER INSERT ON ledger_adjustmentline
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_adjustment_lines_are_those_asked();

CREATE FUNCTION ledger_adjustment_line_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.adjustment_id, OLD.no, OLD.wallet_id, OLD.amount, OLD.expires_at, OLD.has_own_end, OLD.wording)
     IS DISTINCT FROM (NEW.id, NEW.adjustment_id, NEW.no, NEW.wallet_id, NEW.amount, NEW.expires_at, NEW.has_own_end, NEW.wording) THEN
    PERFORM ledger_refuse_row('adjustment_never_changes', 'what was asked for never changes');
  ELSIF OLD.posting_id IS NOT NULL THEN
    PERFORM ledger_refuse_row('adjustment_line_is_posted_once', 'a line is posted once');
  ELSIF NEW.posting_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM ledger_posting WHERE id = NEW.posting_id AND kind = 'ADJUST' AND reference = OLD.id::text) THEN
    PERFORM ledger_refuse_row('adjustment_line_names_its_posting', 'a line names its own posting');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step BEFORE UPDATE ON ledger_adjustmentline FOR EACH ROW EXECUTE FUNCTION ledger_adjustment_line_step();

CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_adjustment FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_adjustmentline FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_adjustment EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_adjustmentline EXECUTE FUNCTION ledger_append_only();

-- A posting of the kind ADJUST is the line of an approved request. WHEN lets all other postings pass without a call.
CREATE FUNCTION ledger_adjust_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.source <> 'adjustment' OR NOT EXISTS (
      SELECT FROM ledger_adjustmentline line JOIN ledger_adjustment adjustment ON adjustment.id = line.adjustment_id
       WHERE line.id = CASE WHEN NEW.reference ~ '^[0-9]{1,18}$' THEN NEW.reference::bigint END AND line.id::text = NEW.reference
         AND adjustment.state = 'APPROVED' AND adjustment.programme_id = NEW.programme_id) THEN
    PERFORM ledger_refuse_row('adjustment_needs_approval', 'points are adjusted by an approved request only');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_approved BEFORE INSERT ON ledger_posting
  FOR EACH ROW WHEN (NEW.kind = 'ADJUST') EXECUTE FUNCTION ledger_adjust_is_approved();

-- Its entries and its lot come after it, so what they are is asked at the end of the transaction.
CREATE FUNCTION ledger_adjust_is_what_was_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line record;
BEGIN
  SELECT part.wallet_id, part.amount, part.expires_at, adjustment.unit_id INTO line
    FROM ledger_adjustmentline part JOIN ledger_adjustment adjustment ON adjustment.id = part.adjustment_id
   WHERE part.id = NEW.reference::bigint;
  IF (SELECT count(*) <> 2 OR count(*) FILTER (
               WHERE account.kind = 'MEMBER' AND entry.wallet_id = line.wallet_id AND entry.unit_id = line.unit_id
                 AND entry.amount = line.amount) <> 1
             OR count(*) FILTER (
               WHERE account.kind = 'ADJUSTMENT' AND entry.unit_id = line.unit_id AND entry.amount = -line.amount) <> 1
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id WHERE entry.posting_id = NEW.id)
     OR line.amount > 0 AND NOT EXISTS (
          SELECT FROM ledger_lot WHERE posting_id = NEW.id AND earned = line.amount
             AND expires_at IS NOT DISTINCT FROM line.expires_at) THEN
    PERFORM ledger_refuse_row('adjustment_is_what_was_approved', 'what is posted is not what was approved');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER is_what_was_approved AFTER INSERT ON ledger_posting DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.kind = 'ADJUST') EXECUTE FUNCTION ledger_adjust_is_what_was_approved();
