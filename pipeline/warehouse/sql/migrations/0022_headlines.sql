-- How the subjects of a series were chosen, and which series may speak for a topic of the page's headlines.
alter table ref.series add column sampling varchar default 'sample';
create table ref.headline_series (
    headline_id varchar not null, trust_place integer not null, series_id varchar not null,
    populations varchar[] not null, least_base integer not null,
    primary key (headline_id, series_id)
);
