-- The database refuses what the books must never contain, whoever writes.

-- An account, its wallet and its unit are of one programme.
ALTER TABLE ledger_account
  ADD CONSTRAINT account_wallet_is_of_its_programme FOREIGN KEY (programme_id, wallet_id) REFERENCES ledger_wallet (programme_id, id),
  ADD CONSTRAINT account_unit_is_of_its_programme FOREIGN KEY (programme_id, unit_id) REFERENCES ledger_unit (programme_id, id);

-- All entries of a posting come in one statement, move something and balance. Counting what is there keeps old postings from getting
-- more. It needs the index, as the planner doesn't know how few rows are new; the functions that write see to that.
CREATE FUNCTION ledger_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows GROUP BY posting_id, unit_id HAVING sum(amount) <> 0 OR count(*) < 2 OR bool_or(amount = 0))
     OR (SELECT count(*) FROM new_rows)
        <> (SELECT count(*) FROM ledger_entry WHERE posting_id IN (SELECT posting_id FROM new_rows)) THEN
    RAISE EXCEPTION 'entries of a posting come at once, move something and sum to zero per unit'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_of_a_posting_sum_to_zero';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_balance AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_balance();

CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' AND starts_with(current_database(), 'test_') THEN
    RETURN NULL;  -- test databases are emptied between tests
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_posting FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_lotuse FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_posting EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_entry EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_lotuse EXECUTE FUNCTION ledger_append_only();
-- Of these only figures change: what is left, what is reserved, what is over.
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_lot FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_holdlot FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_account EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_lot EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_hold EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_holdlot EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stays_whose_it_is BEFORE UPDATE OF id, programme_id, wallet_id, unit_id, kind ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stays_what_was_earned BEFORE UPDATE OF id, programme_id, wallet_id, account_id, posting_id, earned ON ledger_lot
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();

-- What a row of the hot tables must be is asked by triggers: a CHECK is parsed anew by every statement, which cost a fifth of a posting.
CREATE FUNCTION ledger_refuse_row(p_rule text, p_why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', p_why USING ERRCODE = 'check_violation', CONSTRAINT = p_rule;
END $$;

CREATE FUNCTION ledger_posting_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind IN ('REVERSE', 'CLAW_BACK') AND NEW.corrects_id IS NOT NULL)
     OR (NEW.kind IN ('ACCRUE', 'BURN', 'EXPIRE', 'SETTLE', 'ADJUST', 'TRANSFER', 'CONVERT', 'PURCHASE') AND NEW.corrects_id IS NULL) THEN
    RETURN NEW;
  END IF;
  PERFORM ledger_refuse_row('posting_that_corrects_names_the_corrected', 'a posting names the one it corrects, and no other');
END $$;
CREATE TRIGGER is_sound BEFORE INSERT ON ledger_posting FOR EACH ROW EXECUTE FUNCTION ledger_posting_is_sound();

CREATE FUNCTION ledger_account_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.balance <> 0 OR NEW.held <> 0 OR NEW.seq <> 0) THEN
    PERFORM ledger_refuse_row('account_is_born_empty', 'an account is born empty');
  ELSIF NEW.kind = 'MEMBER' AND NEW.wallet_id IS NOT NULL THEN
    IF NEW.held < 0 OR NEW.balance < NEW.held THEN
      PERFORM ledger_refuse_row('account_is_not_overdrawn', 'an account has at least what is reserved of it');
    END IF;
  ELSIF NEW.kind = 'ARREARS' AND NEW.wallet_id IS NOT NULL THEN
    IF NEW.balance > 0 OR NEW.held <> 0 THEN
      PERFORM ledger_refuse_row('account_of_arrears_is_a_debt', 'arrears are a debt');
    END IF;
  ELSIF NEW.kind IN ('ISSUANCE', 'REDEMPTION', 'BREAKAGE', 'ADJUSTMENT', 'CONVERSION', 'CLEARING', 'FEE') AND NEW.wallet_id IS NULL THEN
    IF NEW.balance <> 0 OR NEW.held <> 0 OR NEW.seq <> 0 THEN
      PERFORM ledger_refuse_row('account_shared_has_no_cached_balance', 'an account of the programme keeps no balance');
    END IF;
  ELSE
    PERFORM ledger_refuse_row('account_kind_fits_its_owner', format('an account of this owner can''t be of the kind %s', NEW.kind));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_is_sound();

CREATE FUNCTION ledger_lot_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.remaining <> NEW.earned OR NEW.reserved <> 0) THEN
    PERFORM ledger_refuse_row('lot_is_born_full', 'a lot is born full');
  ELSIF NEW.earned <= 0 THEN
    PERFORM ledger_refuse_row('lot_holds_something', 'a lot holds something');
  ELSIF NEW.remaining < 0 OR NEW.remaining > NEW.earned THEN
    PERFORM ledger_refuse_row('lot_remaining_within_earned', 'what remains of a lot is part of what was earned');
  ELSIF NEW.reserved < 0 OR NEW.reserved > NEW.remaining THEN
    PERFORM ledger_refuse_row('lot_reserved_within_remaining', 'what is reserved of a lot is part of what remains');
  ELSIF NEW.expires_at <= NEW.active_from THEN
    PERFORM ledger_refuse_row('lot_expires_after_it_is_active', 'a lot expires after it is active');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON ledger_lot FOR EACH ROW EXECUTE FUNCTION ledger_lot_is_sound();

CREATE FUNCTION ledger_hold_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'HELD'
     OR (OLD.programme_id, OLD.wallet_id, OLD.account_id, OLD.source, OLD.reference, OLD.amount, OLD.held_at, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.programme_id, NEW.wallet_id, NEW.account_id, NEW.source, NEW.reference, NEW.amount, NEW.held_at, NEW.expires_at)
  THEN
    RAISE EXCEPTION 'a hold ends once and never changes what it keeps'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_ends_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_step BEFORE UPDATE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION ledger_hold_step();
