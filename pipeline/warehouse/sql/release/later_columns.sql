-- To the dictionary of a kept release come the views and columns that the program has got since.
insert into kept.dictionary by name from main.dictionary
where (view_name, column_name) not in (select (view_name, column_name) from kept.dictionary)
