-- name: add_guidelines
-- Records a version of the guidelines, once.
insert into guideline_versions (version, body, sha256, added_on) values ($1, $2, $3, $4)
on conflict do nothing

-- name: sha256_of_guidelines
-- What a recorded version says, by its hash.
select sha256 from guideline_versions where version = $1
