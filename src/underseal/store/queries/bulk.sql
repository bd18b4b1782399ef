-- name: chosen
-- Cases that somebody has chosen, and whether they can have each: it waits, or they have it
-- already; what is due first comes first, as in the queue.
select c.case_id, c.kind, c.because, c.guideline, s.kind as subject_kind, s.external_id,
       coalesce(v.caption, '') as caption, y.level,
       (c.state = 'queued' and $2 <> all (c.not_for)
            and (not c.for_leads or (select p.role from principals p where p.principal_id = $2) = 'lead')
          or c.state = 'leased' and c.leased_by = $2)
       and not exists (select from drafts d where d.case_id = c.case_id
           and d.state in ('pending', 'unconfirmed')) as is_free
from cases c join subjects s using (subject_id)
left join versions v on (v.subject_id, v.version) = (c.subject_id, c.version)
left join visibility y on y.subject_id = c.subject_id
where c.case_id = any ($1) and s.subject_id <> all ($3)
  and (s.creator_id is null or s.creator_id <> all ($3))
order by case when c.is_duty then c.duty_rank else 3 end,
         case when c.is_duty then extract(epoch from c.due_at) else -c.rate end, c.rate desc, c.case_id

-- name: copies
-- The cases of the same media byte for byte that wait, that of the case that is asked about first.
select c.case_id
from cases asked
join media own on (own.subject_id, own.version) = (asked.subject_id, asked.version)
join media m using (sha256)
join cases c on (c.subject_id, c.version) = (m.subject_id, m.version)
join subjects s on s.subject_id = c.subject_id
where asked.case_id = $1 and c.kind = 'review'
  and (c.state = 'queued' and $2 <> all (c.not_for) or c.case_id = $1)
  and s.subject_id <> all ($3) and (s.creator_id is null or s.creator_id <> all ($3))
order by c.case_id <> $1, c.rate desc, c.case_id limit $4
