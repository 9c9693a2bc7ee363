"""What is to be done later: rows written in the transaction of their cause, done by a worker under a lease."""
