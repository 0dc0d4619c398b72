-- What a chart of many series calls each; null where its title is short enough.
alter table ref.series add column short_title varchar;
