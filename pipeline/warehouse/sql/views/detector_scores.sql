-- Grain: one row per label set, detector, tier, framework and year; a null year stands for all years together.
-- Only subjects whose truth is known count.
-- Recall needs subjects that were labelled whatever the detector said of them: in a set made of its hits alone, what it
-- misses elsewhere cannot be seen, and the few misses beside a hit would flatter it.
-- Subjects drawn with unequal probabilities count by one over their own; the intervals then rest on the effective base,
-- (sum of weights)^2 / sum of squared weights, which is the plain one where all weights are equal.
create or replace view main.detector_scores as
with blind as (
    -- Labelled whatever the detector said: then some subjects have it not and were not hit either. Our own files of
    -- labels hold a row only where something is true or detected, and are read whole.
    select source_id, label_set, ruleset_id, tier,
           source_id = 'detector_audit' or coalesce(bool_or(not is_true and not is_detected), false) as tells_recall
    from core.detector_label
    group by source_id, label_set, ruleset_id, tier
),
weighed as (
    select
        label.source_id, label.label_set, label.ruleset_id, label.tier, label.framework, label.subject_year,
        label.subject_id, label.is_true, label.is_detected, label.seen_at,
        coalesce(1 / draw.inclusion_fraction, 1) as weight
    from core.detector_label label
    left join core.label_draw draw
      on draw.source_id = label.source_id and draw.label_set = label.label_set and draw.subject_id = label.subject_id
    where label.is_true is not null
),
counted as (
    select
        source_id, label_set, ruleset_id, tier, framework, subject_year,
        grouping(subject_year) = 1 as is_all_years,
        count(*) filter (where is_true and is_detected) as true_positives,
        count(*) filter (where not is_true and is_detected) as false_positives,
        count(*) filter (where is_true and not is_detected) as false_negatives,
        count(*) filter (where not is_true and not is_detected) as true_negatives,
        sum(weight order by subject_id) filter (where is_true and is_detected)
            / sum(weight order by subject_id) filter (where is_detected) as right_share,
        sum(weight order by subject_id) filter (where is_true and is_detected)
            / sum(weight order by subject_id) filter (where is_true) as found_share,
        pow(sum(weight order by subject_id) filter (where is_detected), 2)
            / sum(weight * weight order by subject_id) filter (where is_detected) as detected_base,
        pow(sum(weight order by subject_id) filter (where is_true), 2)
            / sum(weight * weight order by subject_id) filter (where is_true) as true_base,
        max(seen_at)::date as as_of
    from weighed
    group by grouping sets (
        (source_id, label_set, ruleset_id, tier, framework, subject_year),
        (source_id, label_set, ruleset_id, tier, framework)
    )
)
select
    counted.label_set,
    counted.ruleset_id,
    counted.tier,
    framework,
    subject_year,
    true_positives + false_positives + false_negatives + true_negatives as labels_count,
    true_positives,
    false_positives,
    false_negatives,
    true_negatives,
    case when true_positives + false_positives > 0 then coalesce(right_share, 0) end as precision_share,
    wilson_low(coalesce(right_share, 0) * detected_base, detected_base) as precision_low,
    wilson_high(coalesce(right_share, 0) * detected_base, detected_base) as precision_high,
    case when tells_recall and true_positives + false_negatives > 0 then coalesce(found_share, 0) end as recall_share,
    case when tells_recall then wilson_low(coalesce(found_share, 0) * true_base, true_base) end as recall_low,
    case when tells_recall then wilson_high(coalesce(found_share, 0) * true_base, true_base) end as recall_high,
    'Wilson 95 %' as interval_method,
    as_of,
    counted.source_id,
    counted.tier = 'mention' and subject_year is null and labels_count >= 30
        and list_contains(compared_frameworks(), framework) as is_told
from counted
join blind
  on blind.source_id = counted.source_id and blind.label_set = counted.label_set
 and blind.ruleset_id = counted.ruleset_id and blind.tier = counted.tier
where is_all_years or subject_year is not null;

comment on view main.detector_scores is 'How often a detector is right: precision and recall against what is known of single subjects. Recall of text mentions against released code says how many users of a framework say so in their paper.';
comment on column main.detector_scores.label_set is 'The labelled subjects.';
comment on column main.detector_scores.ruleset_id is 'The detector: a ruleset of ours, or a publisher''s rules.';
comment on column main.detector_scores.tier is 'What the detector looked at: mention (text), import, dependency.';
comment on column main.detector_scores.framework is 'Framework.';
comment on column main.detector_scores.subject_year is 'Year of the subjects; null: all years together.';
comment on column main.detector_scores.labels_count is 'Subjects whose truth is known.';
comment on column main.detector_scores.true_positives is 'Subjects that have it and where it was detected.';
comment on column main.detector_scores.false_positives is 'Subjects that do not have it and where it was detected.';
comment on column main.detector_scores.false_negatives is 'Subjects that have it and where it was not detected.';
comment on column main.detector_scores.true_negatives is 'Subjects that do not have it and where it was not detected; sets made of hits hold few or none.';
comment on column main.detector_scores.precision_share is 'Share of the detected subjects that have it, 0 to 1; null where none was detected. Subjects drawn for labelling with unequal probabilities count by one over their own.';
comment on column main.detector_scores.precision_low is 'Lower end of the 95 % interval of precision.';
comment on column main.detector_scores.precision_high is 'Upper end of the 95 % interval of precision.';
comment on column main.detector_scores.recall_share is 'Share of the subjects that have it where it was detected, 0 to 1; null where none has it, and where only the detector''s own hits were labelled.';
comment on column main.detector_scores.recall_low is 'Lower end of the 95 % interval of recall.';
comment on column main.detector_scores.recall_high is 'Upper end of the 95 % interval of recall.';
comment on column main.detector_scores.interval_method is 'How the intervals were made; on the effective number of subjects where they were drawn with unequal probabilities.';
comment on column main.detector_scores.as_of is 'Day on which the newest of the labels was seen.';
comment on column main.detector_scores.source_id is 'Where the labels come from.';
comment on column main.detector_scores.is_told is 'True for what the page tells: text mentions of the two compared frameworks, all years together, from 30 labels on; intervals on fewer say nothing.';

-- The scores over all years, in sentences.
create or replace macro detector_scores_in_words() as table
select
    format('{}, {}, {} ({} labels): precision {}, recall {}', label_set, tier, framework, labels_count,
        coalesce(format('{:.3f} [{:.3f}, {:.3f}]', precision_share, precision_low, precision_high), 'unknown'),
        coalesce(format('{:.3f} [{:.3f}, {:.3f}]', recall_share, recall_low, recall_high), 'unknown')) as sentence
from main.detector_scores
where subject_year is null
order by label_set, tier, framework;
