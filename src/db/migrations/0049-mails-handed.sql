-- A mail whose last byte was about to be sent: if nobody knows what became of it, it is not sent again.
-- compatible with the version before

alter table mails add column handed_at timestamptz;
