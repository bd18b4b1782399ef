-- Who may do what. Each part of the process uses a pool with its own role.

set local search_path = underseal;

-- Reporting: files reports and reads keys, guidelines and receipts; sees no report, not even its own.
grant select on api_keys, principals, guideline_versions to underseal_intake;
grant execute on function open_rounds, file_reports, add_supplements, look_up_receipt to underseal_intake;

-- The flow: everything but the way to an identity; adds to history, never changes it.
grant select on all tables in schema underseal to underseal_core;
grant insert on api_keys, principals, guideline_versions, subjects, versions, media, scans, signals, frame_hashes,
    known_content, views, audiences, pending_assessments, receipt_states, receipt_spans, assessments, cases,
    decisions, credits, track_records, priors, statements, effects, visibility, visibility_changes,
    disclosures, appeals, strikes, incidents, webhook_endpoints, messages, deliveries, events,
    chain_heads, commitments, checkpoints, checkpoint_heads, ticks, idempotent_answers, unsealings to underseal_core;
grant update on api_keys, principals, subjects, scans, known_content, audiences, pending_assessments, receipt_states,
    assessments, cases, track_records, effects, visibility, strikes, incidents, webhook_endpoints,
    deliveries, chain_heads, commitments, idempotent_answers, unsealings to underseal_core;
grant delete on idempotent_answers to underseal_core;
grant execute on function want_assessments, reports_of_receipt, receipt_round_on to underseal_core;
grant select on vault.pseudonym_links, vault.note_keys to underseal_core;

-- Moderators: read cases and what was reported, take and give back leases; no track records.
grant select on subjects, versions, media, scans, signals, reports, report_counts, report_supplements, assessments, cases,
    decisions, statements, disclosures, effects, visibility, strikes, appeals, incidents,
    audiences, known_content, principals, api_keys, guideline_versions, events, commitments, checkpoints,
    chain_heads to underseal_console;
grant update (state, leased_by, leased_until, not_for, is_duty) on cases to underseal_console;
grant usage on schema vault to underseal_console;
grant select on vault.note_keys to underseal_console;

-- Creators: what was disclosed to them, and their appeal; no right on anything else.
grant select on creator_statements, creator_appeals, creator_strikes, visibility, visibility_changes to underseal_creator;
grant insert on appeals to underseal_creator;

-- Retention: destroys, through functions that can do nothing else.
grant execute on function destroy_note_key, schedule_erasure, erase_identities to underseal_retention;

-- Break-glass: reads one compartment; no running service uses it.
grant select on vault.sealed_identities to underseal_vault;
