-- A redemption moves forward through its states only, and never changes what was agreed.

CREATE FUNCTION rewards_redemption_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('RESERVED', 'RESERVED'), ('RESERVED', 'REDEEMED'), ('RESERVED', 'VOIDED'),
                                    ('RESERVED', 'EXPIRED'), ('REDEEMED', 'REFUNDED'))
     OR (OLD.programme_id, OLD.member_id, OLD.reward_id, OLD.price, OLD.key, OLD.shop_id, OLD.staff_id, OLD.hold_id, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.programme_id, NEW.member_id, NEW.reward_id, NEW.price, NEW.key, NEW.shop_id, NEW.staff_id, NEW.hold_id, NEW.expires_at)
     OR (OLD.burn_id IS NOT NULL AND OLD.burn_id IS DISTINCT FROM NEW.burn_id)
  THEN
    RAISE EXCEPTION 'illegal redemption step % -> %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step BEFORE UPDATE ON rewards_redemption FOR EACH ROW EXECUTE FUNCTION rewards_redemption_step();

CREATE FUNCTION rewards_redemption_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'RESERVED' OR NEW.wrong_numbers <> 0 THEN
    RAISE EXCEPTION 'a redemption begins as a reservation'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_begins_reserved';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER born BEFORE INSERT ON rewards_redemption FOR EACH ROW EXECUTE FUNCTION rewards_redemption_born();
