-- The read models: what the log amounts to, as tables for SQL and for shapes. Only the projector
-- writes them, and a rebuild from the log gives the same rows again.
--
-- Every row has its team, and things made by clients have keys within their pipeline, for their ids
-- are anybody's choice. There are no foreign keys: rows are written table by table, and people and
-- teams come from other streams than the pipelines that name them. Words are text and not enums,
-- which a shape's filter cannot compare. Counters are integers, which clients read as numbers, where
-- a bigint would reach them as a BigInt.

CREATE TABLE public.pipelines (
  id             uuid PRIMARY KEY,
  team_id        uuid NOT NULL,
  name           text NOT NULL,
  description    text NOT NULL,
  graph_rule     text NOT NULL,              -- acyclic or free
  status         text NOT NULL,              -- active or archived
  created_at     timestamptz NOT NULL,       -- when the log took its first event
  updated_at     timestamptz NOT NULL,       -- and its last one
  updated_by     uuid NOT NULL,
  revision       integer NOT NULL,
  step_count     integer NOT NULL,
  conflict_count integer NOT NULL
);
CREATE INDEX pipelines_of_team ON public.pipelines (team_id, updated_at DESC);

CREATE TABLE public.steps (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  kind        text NOT NULL,
  name        text NOT NULL,
  x           double precision NOT NULL,
  y           double precision NOT NULL,
  config      jsonb NOT NULL,
  enabled     boolean NOT NULL,
  "foreign"   jsonb,                         -- what an import could not map
  updated_at  timestamptz NOT NULL,          -- of the greatest write, by its author's clock
  updated_by  uuid NOT NULL,
  PRIMARY KEY (pipeline_id, id)
);

-- A connection is its four values. Two ports can be longer than an index entry may be, hence an id
-- that is made of the four.
CREATE TABLE public.connections (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  from_step   uuid NOT NULL,
  from_port   text NOT NULL,
  to_step     uuid NOT NULL,
  to_port     text NOT NULL,
  status      text NOT NULL,                 -- active, suspended or dangling
  blocked_by  jsonb,                         -- suspended: the path in the way, [{from, to}, …]
  PRIMARY KEY (pipeline_id, id)
);

CREATE TABLE public.notes (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  text        text NOT NULL,
  x           double precision NOT NULL,
  y           double precision NOT NULL,
  width       double precision NOT NULL,
  height      double precision NOT NULL,
  updated_at  timestamptz NOT NULL,
  updated_by  uuid NOT NULL,
  PRIMARY KEY (pipeline_id, id)
);

-- The author's name and picture are in users, by (team_id, author_id).
CREATE TABLE public.comments (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  step_id     uuid,
  reply_to    uuid,
  author_id   uuid NOT NULL,
  body        text NOT NULL,
  resolved    boolean NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (pipeline_id, id)
);

CREATE TABLE public.pipeline_versions (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  number      integer NOT NULL,              -- from 1, in the order in which the log took them
  label       text NOT NULL,
  note        text,
  cut         jsonb NOT NULL,                -- {replica: seq}: what the version holds
  created_at  timestamptz NOT NULL,
  created_by  uuid NOT NULL,
  PRIMARY KEY (pipeline_id, id)
);

-- One row for each conflict; its id is made of what it is about, so that it stays the same while the
-- values change.
CREATE TABLE public.conflicts (
  pipeline_id uuid NOT NULL,
  id          uuid NOT NULL,
  team_id     uuid NOT NULL,
  kind        text NOT NULL,                 -- field, edited-while-removed or suspended-connection
  step_id     uuid,
  note_id     uuid,
  comment_id  uuid,                          -- none of the three: the pipeline itself
  field       text,
  "values"    jsonb,                         -- [{value, actorId, replicaId, hlc}, …], shown one first
  connection  jsonb,                         -- {from, to}
  blocked_by  jsonb,                         -- [{from, to}, …]
  PRIMARY KEY (pipeline_id, id)
);

-- One row for each gesture.
CREATE TABLE public.activity (
  pipeline_id    uuid NOT NULL,
  intent_id      uuid NOT NULL,
  team_id        uuid NOT NULL,
  actor_id       uuid NOT NULL,
  kind           text NOT NULL,              -- the type of its first event
  events         integer NOT NULL,
  first_revision integer NOT NULL,
  last_revision  integer NOT NULL,
  at             timestamptz NOT NULL,       -- when the log took its first event
  PRIMARY KEY (pipeline_id, intent_id)
);
CREATE INDEX activity_of_team ON public.activity (team_id, at DESC);

CREATE TABLE public.teams (
  id      uuid PRIMARY KEY,
  team_id uuid NOT NULL,                     -- the same: a filter by team fits every table
  name    text NOT NULL
);

CREATE TABLE public.team_members (
  team_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role    text NOT NULL,                     -- viewer, editor or owner
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON public.team_members (user_id);

-- Kept after a person has left the team, so that comments keep their author.
CREATE TABLE public.users (
  team_id    uuid NOT NULL,
  id         uuid NOT NULL,
  name       text NOT NULL,
  avatar_url text,
  PRIMARY KEY (team_id, id)
);
CREATE INDEX users_by_id ON public.users (id);

-- How far the tables are, written together with their rows.
CREATE TABLE public.projection_checkpoint (
  single     boolean PRIMARY KEY DEFAULT true CHECK (single),
  position   bigint NOT NULL,
  -- Of the event at that position: a log that was replaced is not mistaken for the old one.
  hash       text NOT NULL,
  -- Of the program that wrote the rows; see read-models.ts.
  version    integer NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Streams whose rows this program could not make. They keep the rows they had, the others go on.
CREATE TABLE public.projection_fault (
  stream_id text COLLATE "C" PRIMARY KEY,
  position  bigint NOT NULL,
  message   text NOT NULL,
  at        timestamptz NOT NULL DEFAULT now()
);
