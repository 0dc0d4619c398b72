-- Whether a file that was read in this way was looked at for this tier: texts for names, code and dependency files for
-- imports and declarations, notebooks for both.
create or replace macro is_looked_at(reading, tier) as
    case when tier = 'mention'
        then split_part(reading, ':', 1) in ('pdf', 'html', 'tex', 'text', 'bibliography', 'notebook', 'asked')
        else split_part(reading, ':', 1) in ('python', 'notebook', 'lua', 'r', 'c', 'dependency') end;
