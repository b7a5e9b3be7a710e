"""The console of partners: pages on which their people keep keys and see what is used."""
