-- A redemption moves forward through its states only, and never changes what was agreed.

CREATE OR REPLACE FUNCTION rewards_redemption_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('RESERVED', 'RESERVED'), ('RESERVED', 'REDEEMED'), ('RESERVED', 'VOIDED'),
                                    ('RESERVED', 'EXPIRED'), ('REDEEMED', 'REFUNDED'))
     OR (OLD.programme_id, OLD.member_id, OLD.reward_id, OLD.price, OLD.key, OLD.shop_id, OLD.device_id, OLD.staff_id,
         OLD.visit_id, OLD.unit_id, OLD.value, OLD.hold_id, OLD.took_stock, OLD.reserved_at, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.programme_id, NEW.member_id, NEW.reward_id, NEW.price, NEW.key, NEW.shop_id, NEW.device_id, NEW.staff_id,
         NEW.visit_id, NEW.unit_id, NEW.value, NEW.hold_id, NEW.took_stock, NEW.reserved_at, NEW.expires_at)
     OR (OLD.state = 'REDEEMED' AND (OLD.burn_id, OLD.redeemed_at, OLD.confirmed_by)
                                     IS DISTINCT FROM (NEW.burn_id, NEW.redeemed_at, NEW.confirmed_by))
  THEN
    RAISE EXCEPTION 'illegal redemption step % -> %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_step';
  END IF;
  RETURN NEW;
END $$;
