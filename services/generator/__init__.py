"""The generator service: admits requests, claims them under a lease, makes the media, says so.

Rooms, outermost first: `__main__`, `app` (where objects meet), `routes` and `subscribers` (doors),
`service` (use cases), `unit_of_work`, `repository` (every SQL statement), `metrics`, `models`,
`runtime` (child processes), `assets` (what came out), `registry` and `generators` (who makes it),
`settings`, `errors`.
"""
