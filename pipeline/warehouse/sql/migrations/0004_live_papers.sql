-- What live services list: single papers, the code they link to, and totals that are announced and not listed.
create table core.paper (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    paper_id varchar not null, title varchar not null, abstract varchar, comment varchar,
    venue varchar, edition_year integer, categories varchar, submitted_on date, doi varchar,
    primary key (source_id, paper_id)
);
create table core.paper_repository (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    paper_id varchar not null, forge varchar not null, repository varchar not null, found_in varchar not null,
    primary key (source_id, paper_id, forge, repository)
);
create table core.period_count (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    measure varchar not null, subject varchar not null, framework varchar,
    period_start date not null, period_end date not null, observed_on date not null, items_count bigint not null,
    check (period_start <= period_end),
    primary key (source_id, measure, subject, period_start, period_end, observed_on)
);
