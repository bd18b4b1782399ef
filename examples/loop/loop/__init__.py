"""Loop: a small short-video site that leaves reporting and moderation to Underseal.

It talks to Underseal as any platform would: over HTTP by its SDK (`underseal.client`), by the web
component `<underseal-report>` in the browser, and by webhooks. To integrate a site of your own,
read these modules in the order of the steps in `docs/guides/integrating.md`:

1. `publishing`: tell of videos, sounds, comments and accounts, before anybody sees them.
2. `following` and `audience`: know who may see what, and obey it.
3. `watching`: tell how many have watched.
4. `reporting`: let people report, and find out what became of it.
5. `pages.inbox`: give creators their reasons, and their say.
6. `pages.hooks`: listen.
7. `leaving`: forget an account that was deleted.
"""
