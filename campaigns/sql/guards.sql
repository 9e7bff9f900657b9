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
