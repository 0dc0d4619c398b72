-- SQLite's tables of what a warehouse holds of scans: see pipeline/warehouse/scanned.py.
pragma cache_size = -8192;  -- KiB
-- What each content gave.
create table content (sha256 text, reading text, outcome text, reason text, findings_count integer,
    document_year integer, repository_links text, primary key (sha256, reading)) without rowid;
-- Contents whose evidence is held.
create table evidenced (sha256 text, reading text, primary key (sha256, reading)) without rowid;
-- Files of the newest sight.
create table seen (subject_id text, path text, stamp text, size_bytes integer, sha256 text, reading text, outcome text,
    reason text, findings_count integer, document_year integer, repository_links text,
    primary key (subject_id, path)) without rowid;
-- Subjects of the day; 1 for those that the warehouse holds from before this scan.
create table subject (subject_id text primary key, is_held integer) without rowid;
-- Files of the day that are held.
create table file (subject_id text, path text, primary key (subject_id, path)) without rowid;
