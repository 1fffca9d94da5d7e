"""What the generator service does, stage by stage; it knows no framework.

`admission` (in, and `window`: how much), `claiming`, `running` (one job in hand), `attempts` (one
try), `verdicts` (what its end means), `finishing` (written down), `leases` (kept, and lost),
`stopping` (wishes and what nobody will finish), `announcing`, `news` (what is said on the way).
"""
