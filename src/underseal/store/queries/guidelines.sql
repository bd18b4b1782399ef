-- name: add_guidelines
-- Records a version of the guidelines, once.
insert into guideline_versions (version, body, sha256, added_on) values ($1, $2, $3, $4)
on conflict do nothing

-- name: sha256_of_guidelines
-- What a recorded version says, by its hash.
select sha256 from guideline_versions where version = $1

-- name: guideline_versions
-- Every version that was ever in force, the newest first; with how many decisions refer to it.
select g.version, g.added_on,
       (select count(*) from decisions d where d.guidelines_version = g.version) as decisions
from guideline_versions g order by g.added_on desc, g.version desc

-- name: text_of_guidelines
-- What a version says, word for word.
select body from guideline_versions where version = $1
