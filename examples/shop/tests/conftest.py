"""The test kit's fixtures: `darkroom`, `darkroom_in_memory`, `webhook_receiver`, …"""

pytest_plugins = ["deploy.testing.fixtures"]
