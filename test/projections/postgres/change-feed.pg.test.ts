import { expect } from 'chai'
import pg from 'pg'
import { CHANGE_FEED_CHANNEL, readChanges } from '../../../projections/postgres/change-feed.ts'
import { skipBecause } from '../../support/skip-because.ts'
import { projectionDatabase, type ProjectionDatabase } from './projection-database.ts'
import { imagesOf, ReplayedFeed } from './replayed-feed.ts'

describe('the change feed of an offered table', () => {
  let database: ProjectionDatabase
  let feed: ReplayedFeed

  beforeEach(async () => {
    database = await projectionDatabase()
    feed = new ReplayedFeed()
  })
  afterEach(() => database.drop())

  const run = (sql: string) => database.pool.query(sql)

  /** What the feed got since the last look, without what every change has. */
  async function news() {
    const changes = await readChanges(database.pool, feed.place, 1_000)
    await feed.catchUp(database.pool)
    return changes.map(({ commit, operation, key, oldRow, newRow }) => ({
      commit,
      operation,
      key,
      oldRow,
      newRow,
    }))
  }

  async function client(): Promise<pg.Client> {
    const connected = new pg.Client(database.pool.options)
    await connected.connect()
    return connected
  }

  it('prints every value as the wire does, whatever the settings of the writer', async () => {
    await run(`
      CREATE TYPE mood AS ENUM ('sad', 'glad');
      CREATE TYPE pair AS (a int, b text);
      CREATE DOMAIN short AS varchar(9);
      CREATE TABLE "Odd, na""me.s" (
        id int PRIMARY KEY, value text, "a.b/c" text, f float8, r real, n numeric(9, 3), j json,
        jb jsonb, c char(5), b bool, ts timestamptz, day date, span interval, bytes bytea, m mood,
        p pair, empty pair, grid int[], d short, box point);
      SELECT attach_change_feed('"Odd, na""me.s"');
      SET datestyle = 'SQL, MDY'; SET intervalstyle = 'sql_standard'; SET timezone = 'Asia/Tokyo';
      SET bytea_output = 'escape'; SET extra_float_digits = 0;
      INSERT INTO "Odd, na""me.s" VALUES (
        1, E'it''s\\n', '', 0.1::float8 + 0.2, 1.1, 2.5, '{"a" : 1}', '{"a" : 1.50}', 'x', true,
        '2026-01-02 12:00+02', '2026-01-02', '1 day 2 hours', '\\xdead', 'glad', (1, NULL),
        (NULL, NULL), '{{1,NULL},{3,4}}', 'short', '(1,2)');
      RESET ALL`)
    const [change] = await readChanges(database.pool, feed.place, 10)
    expect(change).to.include({ schema: 'public', table: 'Odd, na"me.s', isLast: true })
    expect(change?.newRow).to.deep.equal({
      id: '1',
      value: "it's\n",
      'a.b/c': '',
      f: '0.30000000000000004',
      r: '1.1',
      n: '2.500',
      j: '{"a" : 1}',
      jb: '{"a": 1.50}',
      c: 'x    ',
      b: 't',
      ts: '2026-01-02 10:00:00+00',
      day: '2026-01-02',
      span: 'P1DT2H',
      bytes: '\\xdead',
      m: 'glad',
      p: '(1,)',
      empty: '(,)',
      grid: '{{1,NULL},{3,4}}',
      d: 'short',
      box: '(1,2)',
    })
  })

  it('says nothing of what changed nothing, and gives no number to it', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY, a text); SELECT attach_change_feed('t')`)
    await run("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    await run('UPDATE t SET a = a')
    await run('DELETE FROM t WHERE false')
    await run("BEGIN; UPDATE t SET a = 'undone'; ROLLBACK")
    await run("UPDATE t SET a = CASE id WHEN 2 THEN 'c' ELSE a END")
    expect((await news()).map(({ commit, operation, key }) => [commit, operation, key])).to.eql([
      [1, 'insert', ['1']],
      [1, 'insert', ['2']],
      [2, 'update', ['2']],
    ])
  })

  it('shows a changed key as a deletion and an insertion', async () => {
    await run(`CREATE TABLE t (a text, b int, c text, PRIMARY KEY (b, a))`)
    await run(`SELECT attach_change_feed('t')`)
    await run("INSERT INTO t VALUES ('x', 1, 'one')")
    await run("UPDATE t SET b = 2, c = 'two'")
    const [inserted, ...changes] = await news()
    expect(inserted?.key).to.deep.equal(['1', 'x'])
    expect(changes).to.have.deep.members([
      {
        commit: 2,
        operation: 'delete',
        key: ['1', 'x'],
        oldRow: { a: 'x', b: '1', c: 'one' },
        newRow: null,
      },
      {
        commit: 2,
        operation: 'insert',
        key: ['2', 'x'],
        oldRow: null,
        newRow: { a: 'x', b: '2', c: 'two' },
      },
    ])
  })

  it('takes all columns for the key of a table without one, and counts equal rows', async () => {
    await run(`CREATE TABLE t (b int, a text); SELECT attach_change_feed('t')`)
    await run("INSERT INTO t VALUES (1, NULL), (1, NULL), (2, 'b')")
    await run('UPDATE t SET b = 3 WHERE ctid = (SELECT min(ctid) FROM t)')
    await run('UPDATE t SET b = b')
    const changes = await readChanges(database.pool, feed.place, 10)
    expect(changes.map(({ operation, key }) => [operation, key])).to.deep.equal([
      ['insert', [null, '1']],
      ['insert', [null, '1']],
      ['insert', ['b', '2']],
      ['delete', [null, '1']],
      ['insert', [null, '3']],
    ])
  })

  it('tells of a truncation', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run('INSERT INTO t VALUES (1); TRUNCATE t; INSERT INTO t VALUES (1)')
    expect((await news()).map(({ operation, key }) => [operation, key])).to.deep.equal([
      ['insert', ['1']],
      ['truncate', null],
      ['insert', ['1']],
    ])
  })

  it('puts what triggers do to a row after what they were triggered by', async () => {
    await run(`
      CREATE TABLE page (id int PRIMARY KEY, name text, slug text, visits int DEFAULT 0);
      CREATE TABLE visit (page_id int);
      SELECT attach_change_feed('page');
      CREATE FUNCTION slug() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE page SET slug = lower(new.name) WHERE id = new.id;
        UPDATE page SET visits = visits + 1 WHERE id < new.id;
        RETURN NULL;
      END $$;
      CREATE TRIGGER a_slug AFTER INSERT ON page FOR EACH ROW EXECUTE FUNCTION slug();
      CREATE FUNCTION count_visit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE page SET visits = visits + 100 WHERE id = new.page_id;
        RETURN NULL;
      END $$;
      CREATE TRIGGER count AFTER INSERT ON visit FOR EACH ROW EXECUTE FUNCTION count_visit()`)
    await run("INSERT INTO page VALUES (1, 'A'), (2, 'B')")
    await run(`
      BEGIN; INSERT INTO visit VALUES (1); UPDATE page SET visits = visits + 1;
      INSERT INTO visit VALUES (1), (2); INSERT INTO page VALUES (3, 'C'); COMMIT`)
    await feed.catchUp(database.pool)
    expect(feed.rows('page')).to.deep.equal(await imagesOf(database.pool, 'page'))
    expect(feed.rows('page')).to.deep.include({ id: '2', name: 'B', slug: 'b', visits: '102' })
  })

  it('follows columns that come and go', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY, old text); SELECT attach_change_feed('t')`)
    await run("INSERT INTO t VALUES (1, 'x')")
    await run('ALTER TABLE t ADD COLUMN new int, DROP COLUMN old')
    await run('INSERT INTO t VALUES (2, 7)')
    expect((await news()).map(({ newRow }) => newRow)).to.deep.equal([
      { id: '1', old: 'x' },
      { id: '2', new: '7' },
    ])
  })

  it('leaves out columns that are computed when they are read', async function () {
    const { rows } = await run(`SELECT current_setting('server_version_num')::int AS version`)
    if (rows[0].version < 180_000) skipBecause(this, 'this Postgres has no virtual columns')
    await run(`
      CREATE TABLE t (id int PRIMARY KEY, once int GENERATED ALWAYS AS (id * 2) STORED,
        always int GENERATED ALWAYS AS (id * 3) VIRTUAL);
      SELECT attach_change_feed('t'); INSERT INTO t VALUES (1); UPDATE t SET id = 2; DELETE FROM t`)
    expect((await news()).map(({ oldRow, newRow }) => newRow ?? oldRow)).to.have.deep.members([
      { id: '1', once: '2' },
      { id: '1', once: '2' },
      { id: '2', once: '4' },
      { id: '2', once: '4' },
    ])
  })

  it('takes a table out again', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run(`SELECT attach_change_feed('t')`)
    await run('INSERT INTO t VALUES (1)')
    await run(`SELECT detach_change_feed('t')`)
    await run('INSERT INTO t VALUES (2)')
    expect((await news()).map(({ key }) => key)).to.deep.equal([['1']])
  })

  it('needs no rights of the writer but those to the table', async () => {
    const role = `writer_${process.pid}_${Date.now()}`
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run(`CREATE ROLE ${role}; GRANT INSERT, DELETE ON t TO ${role}`)
    try {
      await run(`SET ROLE ${role}; INSERT INTO t VALUES (1); RESET ROLE`)
      expect((await news()).map(({ key }) => key)).to.deep.equal([['1']])
    } finally {
      await run(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  it('notifies once of each commit, with its number', async () => {
    const listener = await client()
    const heard: (string | undefined)[] = []
    listener.on('notification', ({ payload }) => heard.push(payload))
    await listener.query(`LISTEN ${CHANGE_FEED_CHANNEL}`)
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run('BEGIN; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); COMMIT')
    await run('INSERT INTO t VALUES (3)')
    await listener.query('SELECT 1')
    expect(heard).to.deep.equal(['1', '2'])
    await listener.end()
  })

  it('gives the number of a commit that failed at the last moment to the next one', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run('INSERT INTO t VALUES (1)')
    await run('BEGIN; INSERT INTO t VALUES (2); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK')
    await run('INSERT INTO t VALUES (3)')
    expect((await news()).map(({ commit, key }) => [commit, key])).to.deep.equal([
      [1, ['1']],
      [2, ['3']],
    ])
  })

  it('numbers a transaction whose snapshot is older than the last number', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    const early = await client()
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      await early.query(`BEGIN ISOLATION LEVEL ${level}; SELECT count(*) FROM t`)
      await run(`INSERT INTO t SELECT max(id) + 1 FROM t UNION ALL SELECT 1 LIMIT 1`).catch(() => 0)
      await early.query(`INSERT INTO t VALUES (${level.length + 100}); COMMIT`)
    }
    await early.end()
    await feed.catchUp(database.pool)
    expect(feed.rows('t')).to.deep.equal(await imagesOf(database.pool, 't'))
  })

  it('waits for deferred foreign keys before it holds others up', async () => {
    await run(`
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int PRIMARY KEY, parent_id int,
        FOREIGN KEY (parent_id) REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
      SELECT attach_change_feed('parent'), attach_change_feed('child');
      INSERT INTO parent VALUES (1), (2)`)
    const [adding, removing] = [await client(), await client()]
    await adding.query('BEGIN; INSERT INTO parent VALUES (3); INSERT INTO child VALUES (1, 1)')
    await removing.query('BEGIN; DELETE FROM parent WHERE id = 1')
    const added = adding.query('COMMIT').then(
      () => 'added',
      (error: { code: string }) => error.code,
    )
    // The commit waits for the row that the other one deletes; that one must not wait for it.
    await new Promise((resolve) => setTimeout(resolve, 100))
    await removing.query('COMMIT')
    expect(await added).to.equal('23503')
    await Promise.all([adding.end(), removing.end()])
    await feed.catchUp(database.pool)
    expect(feed.rows('parent')).to.deep.equal([{ id: '2' }])
  })

  it('goes on in a restored database, where transaction ids start again', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    await run('INSERT INTO t VALUES (1)')
    await run(`SELECT setval('change_feed.last_xid', 4000000000)`)
    await run('INSERT INTO t VALUES (2)')
    expect((await news()).map(({ commit, key }) => [commit, key])).to.deep.equal([
      [1, ['1']],
      [2, ['2']],
    ])
  })

  it('forgets old commits and keeps the newest, so that numbers go on', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY); SELECT attach_change_feed('t')`)
    for (const id of [1, 2, 3]) await run(`INSERT INTO t VALUES (${id})`)
    const { rows } = await run(`SELECT change_feed.forget(now() + interval '1 hour') AS forgotten`)
    expect(rows).to.deep.equal([{ forgotten: '2' }])
    await run('INSERT INTO t VALUES (4)')
    const left = await run('SELECT commit_number, key FROM pipeline_changes ORDER BY commit_number')
    expect(left.rows).to.deep.equal([
      { commit_number: '3', key: ['3'] },
      { commit_number: '4', key: ['4'] },
    ])
    expect((await run('SELECT count(*) FROM change_feed.change')).rows[0]).to.eql({ count: '2' })
  })

  it('takes a transaction of thousands of statements', async () => {
    await run(`CREATE TABLE t (id int PRIMARY KEY, n int); SELECT attach_change_feed('t')`)
    await run('INSERT INTO t VALUES (1, 0)')
    await run(`DO $$ BEGIN
      FOR i IN 1 .. 3000 LOOP UPDATE t SET n = n + 1 WHERE id = 1; INSERT INTO t VALUES (i + 1, i); END LOOP;
    END $$`)
    await feed.catchUp(database.pool, 500)
    expect(feed.changes).to.equal(6_001)
    expect(feed.place.commit).to.equal(2)
  })
})
