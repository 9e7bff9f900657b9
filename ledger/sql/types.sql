-- An earning as it comes from the client; `posting_id` is what its posting was named before, `keeps_until` until when it
-- keeps alive what the account had.
CREATE TYPE ledger_earning AS (
  wallet_id bigint, unit_id bigint, amount bigint, source text, reference text, occurred_at timestamptz, active_from timestamptz,
  expires_at timestamptz, posting_id bigint, has_own_end boolean, keeps_until timestamptz
);
