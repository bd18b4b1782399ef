"""Attacks on the anonymity of reporters, and the games in which they are measured.

An adversary knows the public parameters (`rules`), never a module of the defence: what an attack
gains is thereby not an artefact of shared code. Times are minutes since an origin of the game's own,
which is a tick.

That nothing shows before an effect is no game: `twins` plays the real system twice and compares it
to the byte, and `welch` compares times.
"""
