-- The change feed: every committed change of every offered table, whoever made it, in the order of
-- commits. Readers ask for what follows a commit number; nothing ever appears behind them.
--
-- Statement-level triggers keep the changes, in the writer's own transaction, under a ticket of that
-- transaction. At its commit, after everything else that was deferred, a constraint trigger takes
-- one lock and gives the ticket the next commit number. The lock is the last thing a transaction
-- waits for, so that it cannot deadlock, and is held to the commit, so that the order of the numbers
-- is the order of commits. Numbering in the statement fails: a reader by a sequence skips what
-- commits late, and a lock held from the statement on deadlocks two writers.
--
-- Values are kept as the text that Postgres prints for them, which is what shapes send.

CREATE SCHEMA change_feed;

-- A transaction, from its first change to its commit. Nobody else needs it, hence unlogged. In the
-- feed a ticket stands for the transaction, because xids start again in a restored database.
CREATE UNLOGGED TABLE change_feed.ticket (
  xid        xid8 PRIMARY KEY,
  id         bigint NOT NULL,
  is_closing boolean NOT NULL DEFAULT false
);
CREATE SEQUENCE change_feed.ticket_id;

CREATE TABLE change_feed.change (
  ticket          bigint NOT NULL,
  op              integer NOT NULL,          -- from 1, without gaps, as the changes took effect
  depth           integer NOT NULL,          -- of triggers: 1 by a writer's own statement
  relation        oid NOT NULL,
  relation_schema name NOT NULL,
  relation_table  name NOT NULL,
  operation       text NOT NULL,             -- insert, update, delete or truncate
  key             text[],                    -- the primary key; all columns where there is none
  old_row         jsonb,                     -- {column: text or null}
  new_row         jsonb
);
-- Not unique, because changes may swap their places.
CREATE INDEX change_of_ticket ON change_feed.change (ticket, op);

CREATE TABLE change_feed.commit (
  commit_number bigint PRIMARY KEY,
  ticket        bigint NOT NULL,
  changes       integer NOT NULL,
  xid           xid8 NOT NULL,
  created_at    timestamptz NOT NULL
);
CREATE INDEX commit_by_time ON change_feed.commit (created_at);

-- The number that was given last, and the transaction that got it. They are sequences, because these
-- show every transaction what is, however old its snapshot.
CREATE SEQUENCE change_feed.last_number MINVALUE 0 START 0;
CREATE SEQUENCE change_feed.last_xid MINVALUE 0 START 0;

CREATE VIEW public.pipeline_changes AS
SELECT c.commit_number, r.op, r.op = c.changes AS is_last, c.xid,
       r.relation, r.relation_schema, r.relation_table, r.operation, r.key, r.old_row, r.new_row,
       c.created_at
  FROM change_feed.commit c JOIN change_feed.change r ON r.ticket = c.ticket;

-- This transaction's ticket, and how many changes it has; null before its first change.
CREATE FUNCTION change_feed.mine(OUT ticket bigint, OUT changes integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  SELECT t.id INTO ticket FROM change_feed.ticket t WHERE t.xid = pg_current_xact_id_if_assigned();
  IF FOUND THEN
    SELECT max(c.op) INTO changes FROM change_feed.change c WHERE c.ticket = mine.ticket;
  END IF;
END
$$;

-- The SQL expressions that give, of a row `r` of a relation, its image and its key as the feed has
-- them, and which one it is of the rows with that key.
CREATE FUNCTION change_feed.expressions(relation oid, OUT image text, OUT key text, OUT nth text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  names text;
  texts text;
  whole text;
BEGIN
  -- format() prints what the wire would carry; a cast to text would trim a char(n). A composite of
  -- nulls IS NULL and yet a value, hence IS DISTINCT FROM.
  SELECT string_agg(quote_literal(attname), ', ' ORDER BY attnum),
         string_agg(value, ', ' ORDER BY attnum),
         string_agg(value, ', ' ORDER BY attname)
    INTO names, texts, whole
    FROM (
      SELECT attname, attnum, format(
               'CASE WHEN r.%1$I IS DISTINCT FROM NULL THEN format(''%%s'', r.%1$I) END', attname
             ) AS value
        FROM pg_attribute
       -- Triggers are not told of virtual columns.
       WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
    ) a;
  SELECT string_agg(format('format(''%%s'', r.%I)', a.attname), ', ' ORDER BY k.place)
    INTO key
    FROM pg_index i
    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = k.attnum
   WHERE i.indrelid = relation AND i.indisprimary AND k.place <= i.indnkeyatts;

  image := format('jsonb_object(ARRAY[%s]::text[], ARRAY[%s]::text[])', names, texts);
  -- Without a primary key, rows may be equal.
  nth := CASE WHEN key IS NULL THEN format('row_number() OVER (PARTITION BY %s)', image)
              ELSE '1' END;
  key := format('ARRAY[%s]::text[]', coalesce(key, whole));
END
$$;

-- Remembers how many changes there were when a statement began: what comes then, from deeper in its
-- triggers, is its consequence. A setting of the transaction keeps it for each depth.
CREATE FUNCTION change_feed.begin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('change_feed.begun_' || pg_trigger_depth(), coalesce(m.changes, 0)::text, true)
     FROM change_feed.mine() m;
  RETURN NULL;
END
$$;

-- Keeps what a statement changed. It runs as its owner, so that a writer needs no right to the feed,
-- and prints values alike for writers of all settings. Its plans are made while the feed's tables
-- are small and used when they are not, hence no sequential scans.
CREATE FUNCTION change_feed.record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, DMY' SET IntervalStyle = 'iso_8601' SET TimeZone = 'UTC'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET enable_seqscan = off
AS $$
DECLARE
  mine    record;
  is_new  boolean;
  sql     record;
  changed text;
  added   integer;
  deep    integer := pg_trigger_depth();
  begun   integer := nullif(current_setting('change_feed.begun_' || deep, true), '');
BEGIN
  SELECT * INTO mine FROM change_feed.mine();
  is_new := mine.ticket IS NULL;
  IF is_new THEN
    mine.ticket := nextval('change_feed.ticket_id');
    mine.changes := 0;
  END IF;

  IF TG_OP = 'TRUNCATE' THEN
    changed := 'SELECT ''truncate'', NULL::text[], NULL::jsonb, NULL::jsonb';
  ELSE
    SELECT * INTO sql FROM change_feed.expressions(TG_RELID);
    changed := CASE TG_OP
      WHEN 'INSERT' THEN
        format('SELECT ''insert'', %s, NULL::jsonb, %s FROM new_rows r', sql.key, sql.image)
      WHEN 'DELETE' THEN
        format('SELECT ''delete'', %s, %s, NULL::jsonb FROM old_rows r', sql.key, sql.image)
      ELSE
        -- Materialized, or the planner would copy each image to three places.
        format('WITH o AS MATERIALIZED (SELECT %1$s AS key, %2$s AS image, %3$s AS nth FROM old_rows r),
                     n AS MATERIALIZED (SELECT %1$s AS key, %2$s AS image, %3$s AS nth FROM new_rows r)
                SELECT CASE WHEN o.key IS NULL THEN ''insert'' WHEN n.key IS NULL THEN ''delete''
                            ELSE ''update'' END,
                       coalesce(n.key, o.key), o.image, n.image
                  FROM o FULL JOIN n ON o.key = n.key AND o.nth = n.nth
                 WHERE o.image IS DISTINCT FROM n.image', sql.key, sql.image, sql.nth)
    END;
  END IF;
  EXECUTE 'INSERT INTO change_feed.change (ticket, op, depth,
                                           relation, relation_schema, relation_table,
                                           operation, key, old_row, new_row)
           SELECT $1, $2 + row_number() OVER (), $3, $4, $5, $6, c.* FROM (' || changed || ') c'
    USING mine.ticket, mine.changes, deep, TG_RELID, TG_TABLE_SCHEMA, TG_TABLE_NAME;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added = 0 THEN RETURN NULL; END IF;

  -- The consequences of this statement were kept before it, and took effect after it.
  IF mine.changes > begun THEN
    WITH placed AS MATERIALIZED (
      SELECT op, begun + row_number() OVER (
               ORDER BY op <= mine.changes AND depth > deep, op) AS new_op
        FROM change_feed.change WHERE ticket = mine.ticket AND op > begun
    )
    UPDATE change_feed.change c SET op = p.new_op FROM placed p
     WHERE c.ticket = mine.ticket AND c.op = p.op AND p.op <> p.new_op;
  END IF;

  -- Last, since it is numbered here and now where the writer has set its constraints immediate.
  IF is_new THEN
    INSERT INTO change_feed.ticket (xid, id) VALUES (pg_current_xact_id(), mine.ticket);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION change_feed.number_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  mine     bigint;
  last     bigint;
  last_by  xid8;
  is_taken boolean;
BEGIN
  -- Once more to the end of the queue: a deferred foreign key may still wait for another writer's
  -- row, and must not do so while we hold the lock.
  IF NOT NEW.is_closing THEN
    UPDATE change_feed.ticket t SET is_closing = true WHERE t.xid = NEW.xid;
    RETURN NULL;
  END IF;

  DELETE FROM change_feed.ticket t WHERE t.xid = NEW.xid RETURNING t.id INTO mine;
  PERFORM pg_advisory_xact_lock(4718261055);
  SELECT last_value INTO last FROM change_feed.last_number;
  SELECT last_value::text::xid8 INTO last_by FROM change_feed.last_xid;
  -- Who rolls back after this point leaves its number to the next one. Its fate and not its row
  -- tells, which an old snapshot might not show; in progress without the lock is rolling back too. A
  -- row that is seen counts: it is our own, or this database was restored, where xids start again
  -- and that one is another transaction's, nobody's yet, or forgotten.
  BEGIN
    is_taken := coalesce(pg_xact_status(last_by), 'committed') = 'committed'
      OR EXISTS (SELECT FROM change_feed.commit c WHERE c.commit_number = last);
  EXCEPTION WHEN invalid_parameter_value THEN
    is_taken := true;
  END;
  IF is_taken THEN last := last + 1; END IF;
  PERFORM setval('change_feed.last_number', last),
          setval('change_feed.last_xid', NEW.xid::text::bigint);
  INSERT INTO change_feed.commit (commit_number, ticket, changes, xid, created_at)
  SELECT last, mine, max(c.op), NEW.xid, clock_timestamp()
    FROM change_feed.change c WHERE c.ticket = mine;
  PERFORM pg_notify('pipeline_changes', last::text);
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER number_commit AFTER INSERT OR UPDATE OF is_closing ON change_feed.ticket
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION change_feed.number_commit();

-- Puts a table's changes into the feed from now on; doing it again changes nothing.
CREATE FUNCTION public.attach_change_feed(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER change_feed_begin
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION change_feed.begin()', relation);
  EXECUTE format('CREATE OR REPLACE TRIGGER change_feed_insert AFTER INSERT ON %s
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION change_feed.record()', relation);
  EXECUTE format('CREATE OR REPLACE TRIGGER change_feed_update AFTER UPDATE ON %s
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION change_feed.record()', relation);
  EXECUTE format('CREATE OR REPLACE TRIGGER change_feed_delete AFTER DELETE ON %s
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION change_feed.record()', relation);
  EXECUTE format('CREATE OR REPLACE TRIGGER change_feed_truncate AFTER TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION change_feed.record()', relation);
END
$$;

-- Takes a table's changes out of the feed; what is in it stays.
CREATE FUNCTION public.detach_change_feed(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event text;
BEGIN
  FOREACH event IN ARRAY ARRAY['begin', 'insert', 'update', 'delete', 'truncate'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS change_feed_%s ON %s', event, relation);
  END LOOP;
END
$$;

-- Forgets the commits before a time, all but the newest one, whose number is still needed. A reader
-- that is behind the oldest commit that is left has to start again from the tables.
CREATE FUNCTION change_feed.forget(before timestamptz) RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH forgotten AS (
    DELETE FROM change_feed.commit
     WHERE created_at < before
       AND commit_number < (SELECT max(commit_number) FROM change_feed.commit)
    RETURNING ticket
  ), gone AS (
    DELETE FROM change_feed.change c USING forgotten f WHERE c.ticket = f.ticket
  )
  SELECT count(*) FROM forgotten
$$;

SELECT public.attach_change_feed(name::regclass)
  FROM unnest(ARRAY['public.pipelines', 'public.steps', 'public.connections', 'public.notes',
                    'public.comments', 'public.pipeline_versions', 'public.conflicts',
                    'public.activity', 'public.teams', 'public.team_members', 'public.users'])
       AS name;
