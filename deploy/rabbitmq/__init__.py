"""What the broker is told at boot: users, policies and the fixed part of the topology."""
