-- A published version is frozen; decisions and awards are never edited.

CREATE FUNCTION campaigns_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'PUBLISHED' THEN
    RAISE EXCEPTION 'version % of campaign % is published and frozen', OLD.number, OLD.campaign_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'version_published_is_frozen';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON campaigns_campaignversion
  FOR EACH ROW EXECUTE FUNCTION campaigns_version_frozen();

CREATE FUNCTION campaigns_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' AND starts_with(current_database(), 'test_') THEN
    RETURN NULL;  -- test databases are emptied between tests
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_decision FOR EACH ROW EXECUTE FUNCTION campaigns_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_award FOR EACH ROW EXECUTE FUNCTION campaigns_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON campaigns_campaignversion EXECUTE FUNCTION campaigns_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON campaigns_decision EXECUTE FUNCTION campaigns_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON campaigns_award EXECUTE FUNCTION campaigns_append_only();

-- Triggers, because a CHECK is parsed anew by every statement, which takes longer than all else that is asked of a row.
CREATE FUNCTION campaigns_decision_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF num_nonnulls(NEW.order_id, NEW.order_return_id, NEW.event_id) <> 1 THEN
    RAISE EXCEPTION 'a decision is about an order, a return or an event'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_is_about_one_thing';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT ON campaigns_decision FOR EACH ROW EXECUTE FUNCTION campaigns_decision_is_sound();

CREATE FUNCTION campaigns_award_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.order_id IS NULL) = (NEW.event_id IS NULL) THEN
    RAISE EXCEPTION 'an award is for an order or for an event'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'award_is_for_one_thing';
  END IF;
  IF NEW.granted <= 0 THEN
    RAISE EXCEPTION 'an award grants something' USING ERRCODE = 'check_violation', CONSTRAINT = 'award_grants_something';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT ON campaigns_award FOR EACH ROW EXECUTE FUNCTION campaigns_award_is_sound();
