-- Grain: one row per label set, detector, tier and trait.
create or replace view main.label_balance as
select
    label_set,
    tier,
    ruleset_id,
    trait,
    labelled_count,
    unlabelled_count,
    labelled_share,
    compared_share,
    is_weighted,
    p_value,
    adjusted_p_value,
    adjusted_p_value < 0.05 as is_different,
    seen_at::date as as_of,
    source_id
from core.derived_label_balance;

comment on view main.label_balance is 'Whether the labelled subjects are like the others in what is known of both: what the detector says of them, and their years. A corrected share carries over to the others only as far as they are alike; a difference that is not shown may still be there.';
comment on column main.label_balance.label_set is 'The subjects.';
comment on column main.label_balance.tier is 'What the detector looked at: mention (text), import, dependency.';
comment on column main.label_balance.ruleset_id is 'The detector: a ruleset of ours, or a publisher''s rules.';
comment on column main.label_balance.trait is 'What is compared: that a framework is detected, that none is, or the year of the subject.';
comment on column main.label_balance.labelled_count is 'Subjects whose truth is known.';
comment on column main.label_balance.unlabelled_count is 'Subjects of which only the detector''s word is known.';
comment on column main.label_balance.labelled_share is 'Share of the labelled subjects that have the trait, 0 to 1; where they were drawn with unequal probabilities, each counts by one over its own.';
comment on column main.label_balance.compared_share is 'Share that has the trait among the unlabelled subjects, or, where the labelled ones are weighted, among all.';
comment on column main.label_balance.is_weighted is 'Whether the labelled subjects were drawn with unequal probabilities, which are undone here.';
comment on column main.label_balance.p_value is 'How often random labels would differ as much or more: Fisher''s exact test, or for weighted labels a normal one within the strata.';
comment on column main.label_balance.adjusted_p_value is 'The same, adjusted for the number of traits of this set and tier (Holm).';
comment on column main.label_balance.is_different is 'Whether the labelled subjects differ surely: the adjusted value is below 0.05.';
comment on column main.label_balance.as_of is 'Day of the newest label that the audit rests on.';
comment on column main.label_balance.source_id is 'What made the row.';

-- Whether the labelled subjects of each set and tier are like the others, in sentences.
create or replace macro label_balance_in_words() as table
select
    format('{}, {}: labelled and unlabelled alike? {}', label_set, tier, case
        when bool_or(is_different) then 'no: ' || string_agg(
            format('{} {:.3f} against {:.3f}', trait, labelled_share, compared_share), '; ' order by adjusted_p_value
        ) filter (where is_different)
        else format('no difference shown in {} traits (smallest adjusted p {:.2f})', count(*), min(adjusted_p_value))
        end) as sentence
from main.label_balance
group by label_set, tier, ruleset_id
order by label_set, tier;
