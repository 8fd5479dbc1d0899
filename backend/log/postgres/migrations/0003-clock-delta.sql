-- An event's text may hold, in place of its clock, what differs in it from the clock of the same
-- replica's previous event; the whole clock comes back on reading, and with it the text that was
-- hashed. Whoever looks at the log by SQL sees by this column which of the two a row holds.
ALTER TABLE log.event ADD COLUMN clock_is_delta boolean NOT NULL DEFAULT false;

-- The text that was hashed: as it lies there, or with its clock made whole, which is the last entry
-- of each replica since the keyframe, where 0 stands for one that is gone, and the event's own.
CREATE FUNCTION log.hashed_text(e log.event) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT e.clock_is_delta THEN e.event::text ELSE (
    SELECT regexp_replace(e.event::text, '"clock":\{[^}]*\}', '"clock":{' || string_agg(
             to_json(entry.replica_id) || ':' || entry.seq, ',' ORDER BY entry.replica_id
           ) || '}')
      FROM (
        SELECT DISTINCT ON (listed.replica_id) listed.replica_id, listed.seq
          FROM (
            SELECT c.key COLLATE "C" AS replica_id, c.value::bigint AS seq, b.seq AS at
              FROM log.event b, json_each_text(b.event -> 'clock') c
             WHERE b.stream_id = e.stream_id AND b.replica_id = e.replica_id AND b.seq <= e.seq
               AND b.seq >= (SELECT max(k.seq) FROM log.event k
                              WHERE k.stream_id = e.stream_id AND k.replica_id = e.replica_id
                                AND k.seq <= e.seq AND NOT k.clock_is_delta)
               AND c.key <> e.replica_id
            UNION ALL
            SELECT e.replica_id, e.seq, e.seq
          ) listed
         ORDER BY listed.replica_id, listed.at DESC
      ) entry
     WHERE entry.seq > 0
  ) END
$$;

DROP FUNCTION log.append(text[], bigint[], bytea[], integer[], timestamptz[], text[], bigint[],
                         integer[], uuid[], text[], text[], bigint[], bytea, bytea, text);

-- Appends a group of appends in one transaction, each with an outcome of its own:
--   written      position_before and the following positions are its events'
--   duplicate    all its events are already there, right after the expected revision
--   conflict     the stream is elsewhere: actual_* tell its head
--   stale-head   the revision is right and the hash is not: hash again from actual_*, send again
--   stale-epoch  actual_epoch is the replica's
-- Only `written` and `duplicate` raise a fence; a refused append leaves no trace.
--
-- Call it outside a transaction: the lock is the first thing it takes and is held to the commit, so
-- that positions are given out in the order of commits. Arrays of one length describe the appends,
-- arrays of another their events, in order; hashes and texts of events come packed, because arrays
-- of them cost the driver more than everything else together.
CREATE FUNCTION log.append(
  -- Of each append. `head_hashes` is null where the caller does not know the expected head.
  stream_ids     text[],
  expected       bigint[],
  head_hashes    bytea[],
  counts         integer[],
  recorded       timestamptz[],
  fence_replicas text[],
  fence_epochs   bigint[],
  -- Of each event.
  owners         integer[],     -- which append it belongs to, from 1
  event_ids      uuid[],
  types          text[],
  replica_ids    text[],
  seqs           bigint[],
  prev_hashes    bytea,         -- 32 bytes each
  hashes         bytea,         -- 32 bytes each
  are_deltas     boolean[],     -- clock_is_delta
  events         text           -- JSON without a line break, one event a line
) RETURNS TABLE (
  outcome            text,
  position_before    bigint,
  actual_revision    bigint,
  actual_hash        bytea,
  actual_recorded_at timestamptz,
  actual_epoch       bigint
) LANGUAGE plpgsql AS $$
DECLARE
  head          bigint;
  written       integer := 0;    -- events of this call that get a position
  passed        integer := 0;    -- events of the appends looked at so far
  before_first  bigint[] := '{}';
  raises_fence  boolean;
  is_fenced_off boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(4718261053);

  -- A snapshot taken before the lock was granted would not see the newest position.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'log.append needs the isolation level read committed'
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  -- An append that is answered is on disk, whatever the server's default.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  SELECT coalesce(max(e.position), 0) INTO head FROM log.event e;

  FOR i IN 1 .. cardinality(stream_ids) LOOP
    outcome := NULL;
    position_before := NULL;
    actual_revision := NULL;
    actual_hash := NULL;
    actual_recorded_at := NULL;
    actual_epoch := NULL;
    raises_fence := false;
    is_fenced_off := false;

    IF fence_replicas[i] IS NOT NULL THEN
      SELECT f.epoch INTO actual_epoch FROM log.fence f
       WHERE f.stream_id = stream_ids[i] AND f.replica_id = fence_replicas[i];
      raises_fence := actual_epoch IS NULL OR actual_epoch < fence_epochs[i];
      is_fenced_off := coalesce(actual_epoch > fence_epochs[i], false);
    END IF;

    IF counts[i] = 0 THEN
      outcome := CASE WHEN is_fenced_off THEN 'stale-epoch' ELSE 'written' END;
    ELSIF head_hashes[i] IS NOT NULL AND NOT is_fenced_off THEN
      -- The usual case, in one statement: the stream is where the caller expects it.
      IF expected[i] = 0 THEN
        INSERT INTO log.stream VALUES (
          stream_ids[i], counts[i], substr(hashes, 32 * (passed + counts[i]) - 31, 32), recorded[i]
        ) ON CONFLICT DO NOTHING;
      ELSE
        UPDATE log.stream s
           SET revision = expected[i] + counts[i],
               hash = substr(hashes, 32 * (passed + counts[i]) - 31, 32),
               recorded_at = recorded[i]
         WHERE s.stream_id = stream_ids[i]
           AND s.revision = expected[i] AND s.hash = head_hashes[i];
      END IF;
      IF FOUND THEN
        outcome := 'written';
        position_before := head + written;
        written := written + counts[i];
      END IF;
    END IF;

    IF outcome IS NULL THEN
      SELECT s.revision, s.hash, s.recorded_at
        INTO actual_revision, actual_hash, actual_recorded_at
        FROM log.stream s WHERE s.stream_id = stream_ids[i];
      actual_revision := coalesce(actual_revision, 0);
      SELECT CASE
          WHEN count(*) = counts[i] THEN 'duplicate'
          WHEN is_fenced_off THEN 'stale-epoch'
          WHEN actual_revision = expected[i] THEN 'stale-head'
          ELSE 'conflict'
        END INTO outcome
        FROM log.event e
       WHERE e.stream_id = stream_ids[i]
         AND e.revision > expected[i] AND e.revision <= expected[i] + counts[i]
         AND e.event_id = event_ids[passed + e.revision - expected[i]];
    END IF;

    IF raises_fence AND outcome IN ('written', 'duplicate') THEN
      INSERT INTO log.fence VALUES (stream_ids[i], fence_replicas[i], fence_epochs[i])
        ON CONFLICT (stream_id, replica_id) DO UPDATE SET epoch = excluded.epoch;
    END IF;

    before_first[i] := position_before;
    passed := passed + counts[i];
    RETURN NEXT;
  END LOOP;

  IF written > 0 THEN
    INSERT INTO log.event (position, stream_id, revision, event_id, type, replica_id, seq,
                           recorded_at, prev_hash, hash, event, clock_is_delta)
    SELECT a.before_first + e.ordinal - a.events_before, a.stream_id,
           a.expected + e.ordinal - a.events_before,
           e.event_id, e.type, e.replica_id, e.seq, a.recorded_at,
           substr(prev_hashes, 32 * e.ordinal::integer - 31, 32),
           substr(hashes, 32 * e.ordinal::integer - 31, 32),
           e.event, e.is_delta
      FROM unnest(owners, event_ids, types, replica_ids, seqs, are_deltas,
                  string_to_array(events, E'\n')::json[])
           WITH ORDINALITY AS e (owner, event_id, type, replica_id, seq, is_delta, event, ordinal)
      JOIN (
        SELECT *, sum(count) OVER (ORDER BY owner) - count AS events_before
          FROM unnest(stream_ids, expected, recorded, counts, before_first)
               WITH ORDINALITY AS u (stream_id, expected, recorded_at, count, before_first, owner)
      ) a ON a.owner = e.owner
     WHERE a.before_first IS NOT NULL;
    PERFORM pg_notify('log_growth', (head + written)::text);
  END IF;
END
$$;
