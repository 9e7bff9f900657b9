-- Whom keys name, as JSON: by a source's own id, or with an empty source by member number. A function, because its plan is kept: as a
-- statement it would be planned anew for every order, as the planner takes a list of unknown length for a long one.
CREATE FUNCTION members_find(p_programme bigint, p_sources text[], p_values text[]) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(hit), '[]') FROM (
      SELECT key.source, key.value, member.id AS member_id, member.wallet_id, member.number, member.status, member.birth_month
        FROM unnest(p_sources, p_values) AS key (source, value)
        JOIN members_identifier identifier ON identifier.programme_id = p_programme
         AND identifier.source = key.source AND identifier.external_id = key.value
        JOIN members_member member ON member.id = identifier.member_id
       WHERE key.source <> ''
      UNION ALL
      SELECT key.source, key.value, member.id, member.wallet_id, member.number, member.status, member.birth_month
        FROM unnest(p_sources, p_values) AS key (source, value)
        JOIN members_member member ON member.programme_id = p_programme AND member.number = key.value
       WHERE key.source = '') hit);
END $$;
