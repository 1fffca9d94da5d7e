"""The notifier: decides the last word about every job, and tells everyone once.

Start at `app`, where its objects meet; `service` holds the rule.
"""
