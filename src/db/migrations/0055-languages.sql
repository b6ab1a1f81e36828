-- The language of the program that a user signed in with last: for mails to those who have chosen none.
-- compatible with the version before

alter table users add column language text check (language ~ '^[a-z]{2,3}$');
