-- The engine's own tables, and the outbox beside them: one database, so one transaction can write both.

create table if not exists accounts (
  id text primary key,
  -- In production encrypted, or a reference into a vault.
  webhook_secret text not null
);

create table if not exists campaigns (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  status text not null default 'created',
  total_leads integer not null,
  -- The result of parseWebhookConfig. json and not jsonb: jsonb reorders the keys of the customer's metadata.
  webhook json not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);

create table if not exists calls (
  id text primary key,
  account_id text not null references accounts,
  campaign_id text references campaigns,
  phone_number text not null,
  from_phone_number text not null,
  record boolean not null,
  webhook json not null,
  status text not null default 'in_progress',
  answered_by text,
  error_message text,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);

create table if not exists webhook_outbox (
  id bigint generated always as identity primary key,
  -- Null for a campaign event.
  call_id text unique references calls,
  kind text not null check (kind in ('call_ended', 'campaign_event')),
  -- What WebhookClient gets, as it was at that moment. Later changes of settings do not touch a call that has ended.
  report json not null,
  -- Null until it is reported; then started, reported_before, reported_differently, not_subscribed, cancelled or broken.
  outcome text,
  -- The error of the last try, for people.
  problem text,
  tries integer not null default 0,
  next_try_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);

create index if not exists webhook_outbox_due on webhook_outbox (next_try_at) where outcome is null;
