-- A household that is open has one head, one that is closed has nobody. Asked when the transaction ends: the head changes in two steps.
CREATE FUNCTION members_household_is_led() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked bigint; home record; heads bigint; people bigint;
BEGIN
  asked := CASE TG_TABLE_NAME WHEN 'members_household' THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'household_id')::bigint END;
  SELECT id, closed_at INTO home FROM members_household WHERE id = asked;
  SELECT count(*) FILTER (WHERE role = 'HEAD'), count(*) INTO heads, people FROM members_householdmember
   WHERE household_id = asked AND state = 'ACTIVE';
  IF home.closed_at IS NULL AND heads <> 1 THEN
    RAISE EXCEPTION 'an open household has one head, % has %', asked, heads
      USING ERRCODE = 'check_violation', CONSTRAINT = 'household_has_a_head';
  ELSIF home.closed_at IS NOT NULL AND people > 0 THEN
    RAISE EXCEPTION 'nobody is in a closed household, in % are %', asked, people
      USING ERRCODE = 'check_violation', CONSTRAINT = 'household_closed_is_empty';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER is_led AFTER INSERT OR UPDATE ON members_household
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_household_is_led();
CREATE CONSTRAINT TRIGGER is_led AFTER INSERT OR UPDATE ON members_householdmember
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_household_is_led();

-- Nobody joins a household that is full, or one of another programme. The household's row is locked, so that the last place is given once.
CREATE FUNCTION members_household_has_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE home record; most bigint;
BEGIN
  SELECT id, programme_id INTO home FROM members_household WHERE id = NEW.household_id FOR NO KEY UPDATE;
  SELECT max_members INTO most FROM members_householdterms WHERE programme_id = home.programme_id;
  IF home.programme_id <> (SELECT programme_id FROM members_member WHERE id = NEW.member_id) THEN
    RAISE EXCEPTION 'members of a household are of its programme'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'household_is_of_one_programme';
  END IF;
  IF (SELECT count(*) FROM members_householdmember WHERE household_id = NEW.household_id AND state = 'ACTIVE' AND id <> NEW.id)
     >= coalesce(most, 0) THEN
    RAISE EXCEPTION 'household % is full', NEW.household_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'household_has_room';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER has_room_for_new BEFORE INSERT ON members_householdmember
  FOR EACH ROW WHEN (NEW.state = 'ACTIVE') EXECUTE FUNCTION members_household_has_room();
CREATE TRIGGER has_room BEFORE UPDATE OF state ON members_householdmember
  FOR EACH ROW WHEN (NEW.state = 'ACTIVE' AND OLD.state <> 'ACTIVE') EXECUTE FUNCTION members_household_has_room();

-- What is pooled is of the programme, and never counts towards a tier.
CREATE FUNCTION members_pooled_unit_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM members_householdterms terms JOIN ledger_unit unit ON unit.programme_id = terms.programme_id
                  WHERE terms.id = NEW.householdterms_id AND unit.id = NEW.unit_id AND unit.klass <> 'QUALIFYING') THEN
    RAISE EXCEPTION 'a household pools units of its programme that are not qualifying'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'household_pools_what_can_be_given';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER is_sound BEFORE INSERT OR UPDATE ON members_householdterms_units
  FOR EACH ROW EXECUTE FUNCTION members_pooled_unit_is_sound();
