"""What every service needs and none owns: the published language, messaging, database, storage.

Neighbours: the services import from here; nothing here imports a service.
"""
