-- Which person a device's replica id belongs to: whoever connected with it first.
CREATE TABLE auth.replica (
  id         text COLLATE "C" PRIMARY KEY,
  account_id uuid NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now()
);
