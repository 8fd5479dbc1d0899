-- Accounts and what belongs to them: everything that must not stand in the event log.

CREATE SCHEMA auth;

CREATE TABLE auth.account (
  id            uuid PRIMARY KEY,
  -- Lower case; null for somebody of an identity provider that tells no address.
  email         text COLLATE "C" UNIQUE,
  -- Argon2id in PHC form; null where there is no password to sign in with.
  password_hash text,
  -- Who this is to an identity provider, as `<issuer>|<subject>`.
  subject       text COLLATE "C" UNIQUE,
  -- The account that signed up first, without an invitation.
  founder       boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now()
);
-- Whatever the program believes, only one account is the first.
CREATE UNIQUE INDEX account_founder ON auth.account (founder) WHERE founder;

CREATE TABLE auth.session (
  id         uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES auth.account ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX session_expires_at ON auth.session (expires_at);

CREATE TABLE auth.invitation (
  -- SHA-256 of the token: who reads this table cannot use it.
  token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  team_id    uuid NOT NULL,
  role       text NOT NULL,
  -- Lower case; where it is given, only the account of this address may accept.
  email      text COLLATE "C",
  invited_by uuid NOT NULL REFERENCES auth.account ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  used_by    uuid REFERENCES auth.account ON DELETE CASCADE,
  CHECK ((used_at IS NULL) = (used_by IS NULL))
);

-- Events that follow from a row of this schema and may not be in the log yet. Written with that
-- row, removed once they are in the log.
CREATE TABLE auth.announcement (
  -- The id of the first event.
  id        uuid PRIMARY KEY,
  stream_id text NOT NULL,
  events    json NOT NULL,
  -- The order of making, in which they are announced.
  ordinal   bigint GENERATED ALWAYS AS IDENTITY
);

-- The teams that the log has up to a position, so that a start need not read all of it.
CREATE TABLE auth.team (
  id uuid PRIMARY KEY
);
CREATE TABLE auth.team_checkpoint (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  position  bigint NOT NULL
);

-- Imports under an Idempotency-Key. All that an import makes follows from its content and this row,
-- so that sending it again makes the same.
CREATE TABLE auth.keyed_import (
  account_id uuid NOT NULL REFERENCES auth.account ON DELETE CASCADE,
  key        text COLLATE "C" NOT NULL,
  -- SHA-256 of the request.
  request    bytea NOT NULL,
  seed       uuid NOT NULL,
  started_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX keyed_import_started_at ON auth.keyed_import (started_at);
