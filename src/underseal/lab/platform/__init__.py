"""A seeded platform that runs the real `core`: months of views, reports and attacks in seconds.

`world` draws what would happen if nobody moderated; `play` lets a rule and its moderators act on
it. The same seed gives the same world to every rule, so that rules are compared in pairs.
"""
