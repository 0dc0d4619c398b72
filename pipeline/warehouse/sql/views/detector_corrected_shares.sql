-- Grain: one row per label set, detector, tier, framework, estimand and method.
create or replace view main.detector_corrected_shares as
select
    label_set,
    subject_year,
    framework,
    tier,
    ruleset_id,
    estimand,
    method,
    labelled_count,
    unlabelled_count,
    raw_share,
    raw_low,
    raw_high,
    corrected_share,
    corrected_low,
    corrected_high,
    labelled_share,
    seen_at::date as as_of,
    source_id
from core.derived_corrected_share;

comment on view main.detector_corrected_shares is 'Shares that rest on a detector, raw and corrected for its errors. The correction takes the labelled subjects for a random sample of all; where they are not (papers with code against all papers), it says what would hold if the others were like them.';
comment on column main.detector_corrected_shares.label_set is 'The subjects.';
comment on column main.detector_corrected_shares.subject_year is 'Year of the subjects; null: several.';
comment on column main.detector_corrected_shares.framework is 'Framework.';
comment on column main.detector_corrected_shares.tier is 'What the detector looked at: mention (text), import, dependency.';
comment on column main.detector_corrected_shares.ruleset_id is 'The detector: a ruleset of ours, or a publisher''s rules.';
comment on column main.detector_corrected_shares.estimand is 'use among subjects: the share that has the framework; share of two: its share among subjects with exactly one of the two frameworks that two_way compares.';
comment on column main.detector_corrected_shares.method is 'How the share was corrected: prediction-powered inference (PPI++, with score limits), or Rogan and Gladen''s estimator as its cross-check.';
comment on column main.detector_corrected_shares.labelled_count is 'Subjects whose truth is known.';
comment on column main.detector_corrected_shares.unlabelled_count is 'Subjects of which only the detector''s word is known.';
comment on column main.detector_corrected_shares.raw_share is 'The share as detected among all subjects, 0 to 1.';
comment on column main.detector_corrected_shares.raw_low is 'Lower end of the raw share''s Wilson interval, 95 %.';
comment on column main.detector_corrected_shares.raw_high is 'Upper end of the raw share''s Wilson interval, 95 %.';
comment on column main.detector_corrected_shares.corrected_share is 'The share corrected for the detector''s errors, 0 to 1.';
comment on column main.detector_corrected_shares.corrected_low is 'Lower end of the corrected share''s 95 % interval.';
comment on column main.detector_corrected_shares.corrected_high is 'Upper end of the corrected share''s 95 % interval.';
comment on column main.detector_corrected_shares.labelled_share is 'The share among the labelled subjects alone, by the truth.';
comment on column main.detector_corrected_shares.as_of is 'Day of the newest published label that the audit rests on.';
comment on column main.detector_corrected_shares.source_id is 'What made the row.';

-- The shares in sentences.
create or replace macro corrected_shares_in_words() as table
select
    format('{}, {}, {}, {}: raw {:.3f} [{:.3f}, {:.3f}], corrected by {} {:.3f} [{:.3f}, {:.3f}]',
        label_set, tier, framework, estimand, raw_share, raw_low, raw_high,
        method, corrected_share, corrected_low, corrected_high) as sentence
from main.detector_corrected_shares
order by label_set, tier, framework, estimand, method;
