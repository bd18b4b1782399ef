-- name: reports_of_round
-- The reports of a round that the evidence can gain by, those with the longest records first: of
-- each guideline one without an account, one of each choice, $3 with records and $4 of the others.
with filed as materialized (
    select guideline, pseudonym, after_outcome, may_be_guessed, is_notice, by_trusted_flagger, tag
    from reports where (subject_id, round) = ($1, $2)
), known as (
    select f.*, t.resolved from filed f join track_records t on t.pseudonym = f.pseudonym
    union all
    select f.*, t.resolved from filed f
    join vault.pseudonym_links l on l.pseudonym = f.pseudonym
    join track_records t on t.pseudonym = l.previous
), placed as (
    select *, row_number() over (partition by guideline order by tag) as place
    from filed where pseudonym is not null
), chosen as (
    (select distinct on (guideline, is_notice, by_trusted_flagger, may_be_guessed) *, null::int as resolved
     from filed where pseudonym is null
     order by guideline, is_notice, by_trusted_flagger, may_be_guessed, after_outcome)
    union all
    (select distinct on (guideline, is_notice, by_trusted_flagger, may_be_guessed) *, null
     from filed where is_notice or may_be_guessed
     order by guideline, is_notice, by_trusted_flagger, may_be_guessed, after_outcome)
    union all
    (select * from known order by resolved desc, pseudonym, guideline limit $3)
    union all
    select guideline, pseudonym, after_outcome, may_be_guessed, is_notice, by_trusted_flagger, tag, null
    from placed where place <= $4
)
select guideline, pseudonym, after_outcome, may_be_guessed, is_notice, by_trusted_flagger from chosen
group by guideline, pseudonym, after_outcome, may_be_guessed, is_notice, by_trusted_flagger
order by max(resolved) desc nulls last, pseudonym, guideline

-- name: all_reports_of_round
-- Every report of a round that can earn credit.
select guideline, pseudonym, after_outcome, may_be_guessed, is_notice, by_trusted_flagger
from reports where (subject_id, round) = ($1, $2) and pseudonym is not null and not after_outcome
order by pseudonym, guideline

-- name: shared_subjects
-- What else these reporters have reported: for each other subject which of them, how many did, how
-- often it was watched, and whether moderators found that it breaks nothing.
-- Of who has reported very much, the subjects with the least ids: the same sample for everybody.
with shared as (
    select o.subject_id, array_agg(p.pseudonym) as reporters
    from unnest($2::bytea[]) as p (pseudonym)
    cross join lateral (
        select distinct r.subject_id from reports r
        where r.pseudonym = p.pseudonym and r.subject_id <> $1 order by r.subject_id limit $3) o
    group by o.subject_id
)
select s.reporters, (
    select count(distinct o.pseudonym)
    from (select r.pseudonym from reports r where r.subject_id = s.subject_id limit $4) o
) as reporters_count, coalesce((
    select a.organic from audiences a where a.subject_id = s.subject_id
), 0) as organic_views, coalesce((
    select bool_and(f.outcome = 'no_violation') from findings f where f.subject_id = s.subject_id
), false) as is_cleared
from shared s

-- name: spent_budgets
-- Of these reporters, those whose reports stood behind so many visible effects on this creator.
select r.pseudonym
from effects e
join subjects s on s.subject_id = e.subject_id
join reports r on (r.subject_id, r.round) = (e.subject_id, e.round)
where s.creator_id = $1 and e.subject_id <> $2 and e.state = 'disclosed'
  and e.cause in ('hold', 'measure', 'decision') and e.statement_id is not null
  and e.disclosed_at >= $3 and ($6::timestamptz is null or e.disclosed_at < $6)
  and r.pseudonym = any ($4)
group by r.pseudonym
having count(distinct e.subject_id) >= $5

-- name: findings_on_version
-- What moderators have found on this version and no appeal has overturned.
select guideline, outcome from findings where (subject_id, version) = ($1, $2) order by decided_at

-- name: sealed
-- What each report of a round was sealed with.
select sealed from reports where (subject_id, round) = ($1, $2)
