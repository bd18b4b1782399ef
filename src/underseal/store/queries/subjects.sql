-- name: add_subject
-- Makes sure that the subject exists. An account is its own creator, unless its registration says else.
insert into subjects (subject_id, kind, external_id, creator_id)
values ($1, $2, $3, case when $2 = 'account' then $1::uuid end) on conflict do nothing

-- name: load_subject
-- One subject.
select subject_id, kind, external_id, creator_id, version, round, outcome_visible
from subjects where subject_id = $1

-- name: lock_subject
-- One subject, with its round fenced: no report is filed until the transaction ends.
select subject_id, kind, external_id, creator_id, version, round, outcome_visible
from subjects where subject_id = $1 for update

-- name: begin_version
-- Makes a version the current one.
update subjects set version = $2, creator_id = $3 where subject_id = $1

-- name: end_round
-- Reports filed from now on belong to the next round, in which nothing has shown yet. Appeals have
-- rounds of their own, whose numbers are skipped. Unless it is known, $2, that the round has ended,
-- receipts go on as they are on this day, $3.
with ended as (
    update subjects s
    set round = n.round, receipt_round = case when $2 then n.round else receipt_round_on(s, $3) end,
        receipts_move_on = case when not $2 and s.receipts_move_on > $3 then s.receipts_move_on end,
        outcome_visible = false
    from (select 1 + greatest(p.round, (select max(c.round) from cases c where c.subject_id = $1)) as round
          from subjects p where p.subject_id = $1) n
    where s.subject_id = $1 returning s.subject_id, s.round, s.receipt_round
), spanned as (
    insert into receipt_spans (subject_id, round, receipt_round)
    select subject_id, round, receipt_round from ended where receipt_round < round
)
select round from ended

-- name: show_outcome
-- Reports filed from now on in this round earn no credit.
update subjects set outcome_visible = true where subject_id = $1

-- name: add_version
-- Records a version.
insert into versions (subject_id, version, registered_at, caption, language, has_media, media_url)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: load_version
-- One version of a subject, with its frozen copy if it has one.
select v.subject_id, v.version, v.registered_at, v.caption, v.language, v.has_media, v.media_url,
       m.location, m.sha256, m.size_bytes, m.wrapped_key
from versions v left join media m using (subject_id, version)
where (v.subject_id, v.version) = ($1, $2)

-- name: add_media
-- Records the frozen copy of a version, once.
insert into media (subject_id, version, location, sha256, size_bytes, wrapped_key, frozen_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (subject_id, version) do nothing returning true
