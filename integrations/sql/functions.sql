-- Keep the answer to a request. Written in the transaction whose effect it reports.
CREATE FUNCTION integrations_store_answer(
  p_api_key bigint, p_key text, p_fingerprint bytea, p_status integer, p_location text, p_body bytea
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_status NOT BETWEEN 200 AND 299 THEN
    RAISE EXCEPTION 'only a success is kept' USING ERRCODE = 'check_violation', CONSTRAINT = 'stored_answer_is_a_success';
  END IF;
  INSERT INTO integrations_storedanswer (api_key_id, key, fingerprint, status, location, body)
  VALUES (p_api_key, p_key, p_fingerprint, p_status, p_location, p_body);
END $$;

-- Undo the whole statement if a key was revoked since its caller was recognised.
CREATE FUNCTION integrations_insist_on_key(p_api_key bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM integrations_apikey WHERE id = p_api_key AND revoked_at IS NULL) THEN
    RAISE EXCEPTION 'the key is revoked' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
END $$;
