-- Whether a file of this kind was looked at for this tier: code and dependency files for what code imports, declares or
-- is written in, every other text for names and links, notebooks for both.
create or replace macro is_looked_at(kind, tier) as
    split_part(kind, ':', 1) = 'notebook'
    or (tier in ('mention', 'link')) = (split_part(kind, ':', 1) not in ('python', 'lua', 'r', 'c', 'dependency'));
