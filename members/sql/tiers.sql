-- A published version of a ladder is frozen; only how far its review came is kept on it.
CREATE FUNCTION members_ladder_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'PUBLISHED' AND (TG_OP = 'DELETE' OR
       (OLD.id, OLD.ladder_id, OLD.number, OLD.state, OLD.definition, OLD.effective_from, OLD.edited_by, OLD.edited_at,
        OLD.published_by, OLD.published_at)
       IS DISTINCT FROM
       (NEW.id, NEW.ladder_id, NEW.number, NEW.state, NEW.definition, NEW.effective_from, NEW.edited_by, NEW.edited_at,
        NEW.published_by, NEW.published_at)) THEN
    RAISE EXCEPTION 'version % of ladder % is published and frozen', OLD.number, OLD.ladder_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ladder_version_is_frozen';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON members_ladderversion FOR EACH ROW EXECUTE FUNCTION members_ladder_frozen();

CREATE FUNCTION members_tiers_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON members_tiermilestone
  FOR EACH ROW EXECUTE FUNCTION members_tiers_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON members_tierstay FOR EACH ROW EXECUTE FUNCTION members_tiers_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON members_tiergrant FOR EACH ROW EXECUTE FUNCTION members_tiers_append_only();

-- Of a stay only its end is written later, once, and when to look at it again while it is open.
CREATE FUNCTION members_stay_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR (to_jsonb(OLD) - 'ended_at' - 'due_at') IS DISTINCT FROM (to_jsonb(NEW) - 'ended_at' - 'due_at') THEN
    RAISE EXCEPTION 'a stay in a tier is history: it can only end'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_is_history';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_ends BEFORE UPDATE ON members_tierstay FOR EACH ROW EXECUTE FUNCTION members_stay_only_ends();

CREATE FUNCTION members_grant_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR (to_jsonb(OLD) - 'ended_at' - 'ended_by') IS DISTINCT FROM (to_jsonb(NEW) - 'ended_at' - 'ended_by') THEN
    RAISE EXCEPTION 'a granted tier is history: it can only end'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tier_grant_is_history';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_ends BEFORE UPDATE ON members_tiergrant FOR EACH ROW EXECUTE FUNCTION members_grant_only_ends();

-- Nobody was in two tiers of a ladder at once: a stay begins where the last one ended, or later.
CREATE FUNCTION members_stay_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM members_tierstay WHERE member_id = NEW.member_id AND ladder_id = NEW.ladder_id AND ended_at > NEW.since) THEN
    RAISE EXCEPTION 'a stay begins when the last one ended'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_follow_one_another';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER follows BEFORE INSERT ON members_tierstay FOR EACH ROW EXECUTE FUNCTION members_stay_follows();

-- The tiers that members were in at an instant, as JSON: by their stays alone, one probe for each. A function, because its plan is kept.
CREATE FUNCTION members_tiers_at(p_members bigint[], p_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(json_build_object('member_id', stay.member_id, 'ladder', ladder.key, 'tier', stay.tier)), '[]')
      FROM members_tierstay stay JOIN members_tierladder ladder ON ladder.id = stay.ladder_id
     WHERE stay.member_id = ANY (p_members) AND stay.since <= p_at AND (stay.ended_at IS NULL OR stay.ended_at > p_at));
END $$;
