-- name: add_strip
-- Records the frame strip of a version, once.
insert into strips (subject_id, version, location, sha256, size_bytes, wrapped_key, frames_ms)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- name: load_strip
-- The frame strip of a version.
select location, sha256, size_bytes, wrapped_key, frames_ms from strips
where (subject_id, version) = ($1, $2)
