-- Grain: one row per month of the papers.
-- A paper's place in the random order is the first 52 bits of a hash of its identifier, as a part of one; a night reads
-- those of 1/400 of that range (sources/arxiv_full_text.py, which draws alike).
create or replace view main.full_text_sample as
with read as (
    select
        paper_id, framework, strptime('20' || substr(paper_id, 7, 4) || '01', '%Y%m%d')::date as month_start,
        seen_at::date as read_on,
        floor(400 * ('0x' || left(sha256('20261127 ' || substr(paper_id, 7)), 13))::bigint / pow(2, 52)) as night
    from core.paper_label
    where source_id = 'arxiv_full_text' and tier = 'mention'
)
select
    month_start,
    count(distinct night) as nights_count,
    count(distinct night) / 400 as inclusion_fraction,
    count(distinct paper_id) as papers_count,
    count(distinct paper_id) filter (where framework <> 'none') as naming_count,
    max(read_on) as as_of
from read
group by month_start;

comment on view main.full_text_sample is 'How far each month of the random sample of arXiv papers that are read in full has come: papers of cs.LG, cs.CV and cs.CL, drawn by a hash of their identifier.';
comment on column main.full_text_sample.month_start is 'First day of the month in which arXiv gave the papers their numbers.';
comment on column main.full_text_sample.nights_count is 'Nights in which papers of the month were drawn and read; a night that was missed is not made up for.';
comment on column main.full_text_sample.inclusion_fraction is 'The probability with which each paper of the month came into the sample, 0 to 1: a four-hundredth for each night.';
comment on column main.full_text_sample.papers_count is 'Drawn papers of the month whose text could be read; the others are among the rejects.';
comment on column main.full_text_sample.naming_count is 'Of these, those whose text names a framework as used.';
comment on column main.full_text_sample.as_of is 'Day on which the last of them was read.';
