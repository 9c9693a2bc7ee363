"""PostgreSQL from memory: who may, how writes are counted, and what happens when somebody dies."""
