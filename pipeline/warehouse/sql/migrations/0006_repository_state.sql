-- What a repository looked like on a day; null is what the way of asking does not tell.
create table core.repository_state (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    repository varchar not null, listed_as varchar not null, repository_number bigint not null,
    role varchar not null, observed_on date not null,
    stars_count bigint not null, forks_count bigint not null, open_issues_count bigint,
    releases_count bigint, newest_release_on date, pushed_on date, created_on date not null,
    is_archived boolean not null, licence varchar,
    primary key (source_id, repository, observed_on)
);
