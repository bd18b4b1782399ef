-- name: add_timed_text
-- Keeps what one source says of a version.
insert into timed_texts (subject_id, version, source, run, starts_ms, ends_ms, lines)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: load_captions
-- The captions that the platform has sent with a version.
select source, starts_ms, ends_ms, lines from timed_texts
where (subject_id, version, source, run) = ($1, $2, 'platform', 0)

-- name: load_beside
-- What stands beside a version's player: where the frames of its strip are from, and what each source
-- says, as it was read last.
select s.frames_ms, t.source, t.starts_ms, t.ends_ms, t.lines
from versions v left join strips s using (subject_id, version)
left join (
    select distinct on (source) source, starts_ms, ends_ms, lines from timed_texts
    where (subject_id, version) = ($1, $2) order by source, run desc) t on true
where (v.subject_id, v.version) = ($1, $2)
