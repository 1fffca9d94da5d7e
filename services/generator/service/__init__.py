"""What the generator service does, stage by stage; it knows no framework.

`admission` (in, and `window`: how much; `calling`: when it is too much for this process),
`claiming`, `running` (one job in hand), `attempts` (one try), `verdicts` (what its end means),
`finishing` (written down), `leases` (kept, and lost; `held`: as far as this process can be
certain; `outages`: when nobody can), `stopping` (wishes and what nobody will finish), `pausing`,
`providers` (what was ordered elsewhere), `announcing`, `news` (what is said on the way).
"""
