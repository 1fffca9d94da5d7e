"""Who asks for jobs: a process of its own, so that what it costs is counted apart.

Raw HTTP/1.1 and AMQP on asyncio protocols, because a client that works hard on a small machine
takes from the system it measures. ``plans`` says what it can be told, ``run`` starts it.
"""
