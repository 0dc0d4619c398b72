-- fail: Times and ratios are positive, and no interval ends before it begins
select case_name, size, dtype, device, framework, mode, machine_id, step_seconds_median, step_seconds_low, step_seconds_high,
       ratio, ratio_low, ratio_high
from main.performance
where step_seconds_median <= 0 or step_seconds_low <= 0 or step_seconds_low > step_seconds_high
   or ratio <= 0 or ratio_low <= 0 or ratio_low > ratio_high
   or isnan(step_seconds_median) or isnan(ratio)
   or (step_seconds_median is null) <> (samples_count is null or samples_count = 0)
order by all
