-- fail: A public view has one row per grain, as its file states it
-- One statement per view: all in one would hold every view in memory at a time.
select 'adoption_vintages' as view_name,
       count(*) - count(distinct row(series_id, population, period_start, framework, vintage_id)) as repeated_rows
from main.adoption_vintages having repeated_rows > 0;
select 'detector_scores' as view_name,
       count(*) - count(distinct row(label_set, ruleset_id, tier, framework, subject_year)) as repeated_rows
from main.detector_scores having repeated_rows > 0;
select 'headline_shares' as view_name, count(*) - count(distinct row(headline_id, framework)) as repeated_rows
from main.headline_shares having repeated_rows > 0;
select 'download_lists' as view_name, count(*) - count(distinct row(source_id, window_end)) as repeated_rows
from main.download_lists having repeated_rows > 0;
select 'mlperf_label_sets' as view_name, count(*) - count(distinct row(competition, round, entry_group, label_set)) as repeated_rows
from main.mlperf_label_sets having repeated_rows > 0;
select 'package_families' as view_name, count(*) - count(distinct package) as repeated_rows
from main.package_families having repeated_rows > 0;
select 'paper_labels' as view_name,
       count(*) - count(distinct row(source_id, subject_id, tier, framework, ruleset_id)) as repeated_rows
from main.paper_labels having repeated_rows > 0;
select 'paper_mentions' as view_name,
       count(*) - count(distinct row(series_id, population, period_start, paper_id, framework)) as repeated_rows
from main.paper_mentions having repeated_rows > 0;
select 'quarantine' as view_name, count(*) - count(distinct row(source_id, window_id)) as repeated_rows
from main.quarantine having repeated_rows > 0;
select 'paper_code' as view_name,
       count(*) - count(distinct row(source_id, paper_id, forge, repository, framework, known_from)) as repeated_rows
from main.paper_code having repeated_rows > 0;
select 'repositories' as view_name, count(*) - count(distinct row(source_id, repository, observed_on)) as repeated_rows
from main.repositories having repeated_rows > 0;
select 'clustered_shares' as view_name,
       count(*) - count(distinct row(source_id, series_id, period_start, framework, cluster_by)) as repeated_rows
from main.clustered_shares having repeated_rows > 0;
select 'tool_states' as view_name, count(*) - count(distinct tool) as repeated_rows
from main.tool_states having repeated_rows > 0;
select 'series' as view_name, count(*) - count(distinct series_id) as repeated_rows
from main.series having repeated_rows > 0;
select 'series_bias_figures' as view_name, count(*) - count(distinct row(series_id, subject)) as repeated_rows
from main.series_bias_figures having repeated_rows > 0;
select 'series_breaks' as view_name, count(*) - count(distinct row(series_id, population, break_id)) as repeated_rows
from main.series_breaks having repeated_rows > 0;
select 'survey_answers' as view_name,
       count(*) - count(distinct row(survey, edition_year, respondent_group, option_label)) as repeated_rows
from main.survey_answers having repeated_rows > 0;
select 'survey_tallies' as view_name,
       count(*) - count(distinct row(survey, edition_year, respondent_group, option_label)) as repeated_rows
from main.survey_tallies having repeated_rows > 0;
select 'survey_combinations' as view_name,
       count(*) - count(distinct row(survey, edition_year, respondent_group, combination)) as repeated_rows
from main.survey_combinations having repeated_rows > 0;
select 'two_way' as view_name, count(*) - count(distinct row(series_id, population, period_start)) as repeated_rows
from main.two_way having repeated_rows > 0;
select 'paper_code_states' as view_name,
       count(*) - count(distinct row(series_id, population, period_start, period_end, framework)) as repeated_rows
from main.paper_code_states having repeated_rows > 0;
select 'paper_import_use' as view_name,
       count(*) - count(distinct row(source_id, framework, own_framework)) as repeated_rows
from main.paper_import_use having repeated_rows > 0;
select 'paper_scanner_agreement' as view_name,
       count(*) - count(distinct row(source_id, tier, framework)) as repeated_rows
from main.paper_scanner_agreement having repeated_rows > 0;
select 'sampled_paper_code' as view_name,
       count(*) - count(distinct row(source_id, series_id, population, edition_year, position)) as repeated_rows
from main.sampled_paper_code having repeated_rows > 0;
select 'paper_code_shares' as view_name,
       count(*) - count(distinct row(source_id, series_id, population, period_start, period_end, form, framework))
           as repeated_rows
from main.paper_code_shares having repeated_rows > 0;
select 'mention_roles' as view_name,
       count(*) - count(distinct row(ruleset_id, kind, year, framework)) as repeated_rows
from main.mention_roles having repeated_rows > 0;
select 'developers_by_economy' as view_name,
       count(*) - count(distinct row(series_id, economy, period_start, framework)) as repeated_rows
from main.developers_by_economy having repeated_rows > 0;
select 'pairwise' as view_name,
       count(*) - count(distinct row(series_id, population, period_start, period_end, measure, first, second)) as repeated_rows
from main.pairwise having repeated_rows > 0;
select 'headlines' as view_name, count(*) - count(distinct row(headline_id, series_id, population)) as repeated_rows
from main.headlines having repeated_rows > 0;
select 'headline_exceptions' as view_name, count(*) - count(distinct row(headline_id, population)) as repeated_rows
from main.headline_exceptions having repeated_rows > 0;
select 'headline_pairs' as view_name,
       count(*) - count(distinct row(headline_id, series_id, population, first, second)) as repeated_rows
from main.headline_pairs having repeated_rows > 0;
select 'fastest' as view_name, count(*) - count(distinct row(machine_id, device, mode, framework)) as repeated_rows
from main.fastest having repeated_rows > 0;
select 'scanned_subjects' as view_name, count(*) - count(distinct row(subject_id, ruleset_id)) as repeated_rows
from main.scanned_subjects having repeated_rows > 0;
select 'scanned_shares' as view_name,
       count(*) - count(distinct row(ruleset_id, population, tier, role, framework, year, is_all_years)) as repeated_rows
from main.scanned_shares having repeated_rows > 0;
select 'paper_code_frame' as view_name, count(*) - count(distinct row(month_start, repository)) as repeated_rows
from main.paper_code_frame having repeated_rows > 0;
select 'full_text_sample' as view_name, count(*) - count(distinct month_start) as repeated_rows
from main.full_text_sample having repeated_rows > 0;
select 'paper_code_months' as view_name, count(*) - count(distinct month_start) as repeated_rows
from main.paper_code_months having repeated_rows > 0;
select 'drawn_paper_code' as view_name,
       count(*) - count(distinct row(source_id, series_id, month_start, repository)) as repeated_rows
from main.drawn_paper_code having repeated_rows > 0;
select 'claims' as view_name, count(*) - count(distinct claim_id) as repeated_rows
from main.claims having repeated_rows > 0;
select 'claim_evidence' as view_name,
       count(*) - count(distinct row(claim_id, place, machine_id, population, period_start, period_end)) as repeated_rows
from main.claim_evidence having repeated_rows > 0;
select 'claim_tally' as view_name, count(*) - count(distinct row(verdict, favours)) as repeated_rows
from main.claim_tally having repeated_rows > 0;
select 'claim_frame' as view_name, count(*) - count(distinct row(topic, name)) as repeated_rows
from main.claim_frame having repeated_rows > 0;
select 'paper_code_next' as view_name, count(*) - count(distinct repository) as repeated_rows
from main.paper_code_next having repeated_rows > 0;
select 'crossings' as view_name,
       count(*) - count(distinct row(series_id, population, break_id, first, second)) as repeated_rows
from main.crossings having repeated_rows > 0;
select 'source_agreement' as view_name, count(*) - count(distinct series_id) as repeated_rows
from main.source_agreement having repeated_rows > 0;
select 'multiverse' as view_name,
       count(*) - count(distinct row(series_id, population, years, front_ends, overlap, weighting)) as repeated_rows
from main.multiverse having repeated_rows > 0;
select 'composition_cells' as view_name,
       count(*) - count(distinct row(source_id, series_id, first_start, grouping, group_name, state)) as repeated_rows
from main.composition_cells having repeated_rows > 0;
select 'composition_changes' as view_name,
       count(*) - count(distinct row(source_id, series_id, first_start, grouping, state, part)) as repeated_rows
from main.composition_changes having repeated_rows > 0;
select 'release_studies' as view_name,
       count(*) - count(distinct row(event_id, series_id, framework, quantity)) as repeated_rows
from main.release_studies having repeated_rows > 0;
