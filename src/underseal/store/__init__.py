"""PostgreSQL holds all state but media: the server, its roles and migrations, one module a noun."""
