-- name: primary_keys
-- Every table with its primary key, the smallest first.
select format('%I.%I', n.nspname, t.relname) as place, format('%I', k.relname) as key
from pg_index i join pg_class t on t.oid = i.indrelid join pg_class k on k.oid = i.indexrelid
join pg_namespace n on n.oid = t.relnamespace
where i.indisprimary and n.nspname in ('underseal', 'vault')
order by pg_table_size(t.oid), place
