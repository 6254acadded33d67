"""Work to do later: leased rows in the same database, written in the transaction of the fact that asks for it."""
