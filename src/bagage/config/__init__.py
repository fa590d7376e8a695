"""How Bagage is put together: settings read from the environment, the URL map, the WSGI entry."""
