-- What several runs say together of one ratio: a random-effects combination of its logarithms (DerSimonian and Laird,
-- Meta-analysis in clinical trials, Controlled Clinical Trials 7, 1986). The runs count by their precision; none is left
-- out for what it found. Their between-run variance, in squared logarithms, from the sums over runs of w = 1 / variance,
-- w * w, w * log and w * log * log: 0 unless they differ by more than chance lets them (Cochran's Q against its 95 %
-- quantile, in Wilson and Hilferty's approximation), so that a vague run, whose interval holds what is known already,
-- takes nothing from it.
create or replace macro between_runs_variance(runs_count, sum_w, sum_ww, sum_wy, sum_wyy) as
    case when runs_count > 1 and sum_wyy - sum_wy * sum_wy / sum_w
            > (runs_count - 1) * pow(1 - 2 / (9 * (runs_count - 1)) + 1.6449 * sqrt(2 / (9 * (runs_count - 1))), 3)
        then (sum_wyy - sum_wy * sum_wy / sum_w - (runs_count - 1)) / (sum_w - sum_ww / sum_w)
        else 0
    end;

-- Variance of a logarithm whose 95 % interval reaches so far to one side; an interval without width is no certainty.
create or replace macro variance_of_reach(log_reach) as greatest(pow(log_reach / 1.959964, 2), 1e-8);

-- What an interval of a ratio of step times allows to say: faster or slower where it lies wholly beyond the margin, same
-- where it lies wholly within.
create or replace macro verdict_by_interval(ratio_low, ratio_high, margin_fraction) as
    case
        when ratio_high < 1 / (1 + margin_fraction) then 'faster'
        when ratio_low > 1 + margin_fraction then 'slower'
        when ratio_low >= 1 / (1 + margin_fraction) and ratio_high <= 1 + margin_fraction then 'same'
        else 'no difference shown'
    end;
