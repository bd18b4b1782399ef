-- A role that replays the past and changes nothing: it has no right to write anything anywhere. It reads
-- what assessments read: of a report neither words nor receipt, and no identities.

set local search_path = underseal;

grant usage on schema underseal, vault to underseal_backtest;
grant select on subjects, strikes, versions, scans, signals, views, audiences, visibility, track_records, credits,
    cases, decisions, findings, effects, priors, reach_outlook, prevalence_days, prevalence_draws, standing_decisions
    to underseal_backtest;
grant select (subject_id, round, guideline, tag, pseudonym, reported_in, is_notice, by_trusted_flagger, may_be_guessed,
    after_outcome)
    on reports to underseal_backtest;
grant select on vault.pseudonym_links to underseal_backtest;
