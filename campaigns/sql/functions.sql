-- What decides the orders of a programme, as JSON: its published versions and its units.
CREATE FUNCTION campaigns_terms(p_programme bigint) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN json_build_object(
    'versions', (
      SELECT coalesce(json_agg(json_build_object(
               'id', version.id, 'number', version.number, 'campaign', campaign.key,
               'effective_from', version.effective_from, 'stopped', campaign.stopped_at IS NOT NULL)), '[]')
        FROM campaigns_campaign campaign JOIN campaigns_campaignversion version ON version.campaign_id = campaign.id
       WHERE campaign.programme_id = p_programme AND version.state = 'PUBLISHED'),
    'units', (
      SELECT coalesce(json_agg(json_build_object('id', unit.id, 'code', unit.code, 'decimals', unit.decimals, 'policies', (
               SELECT json_agg(json_build_object('effective_from', policy.effective_from, 'says', policy.definition) ORDER BY policy.effective_from)
                 FROM ledger_unitpolicy policy WHERE policy.unit_id = unit.id AND policy.state = 'PUBLISHED'))), '[]')
        FROM ledger_unit unit WHERE unit.programme_id = p_programme));
END $$;

-- Write down why: decisions about orders, returns and events, and what each rule granted.
CREATE FUNCTION campaigns_record(p_programme bigint, p_decisions json, p_awards json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO campaigns_decision (programme_id, order_id, order_return_id, event_id, outcome)
  SELECT p_programme, order_id, order_return_id, event_id, outcome
    FROM json_to_recordset(p_decisions) AS decision (order_id bigint, order_return_id bigint, event_id bigint, outcome jsonb);
  INSERT INTO campaigns_award (programme_id, order_id, event_id, version_id, rule, unit_id, posting_id, granted)
  SELECT p_programme, order_id, event_id, version_id, rule, unit_id, posting_id, granted
    FROM json_to_recordset(p_awards) AS award (order_id bigint, event_id bigint, version_id bigint, rule text, unit_id bigint,
                                               posting_id bigint, granted bigint);
END $$;
