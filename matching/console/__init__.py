"""The console of partners: pages on which their people keep webhook endpoints and read what was delivered."""
