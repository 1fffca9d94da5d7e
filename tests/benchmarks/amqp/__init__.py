"""As little AMQP 0-9-1 as the load generator and the floor need, as cheap as Python makes it.

One channel, batches of publishes with confirms in one socket write, deliveries in batches, one ack
for many. Setting up goes through `pamqp`; what happens for every message is done by hand.
"""
