"""The durable store: what practice software handed over, chained, and what followed from it.

SQLite (one file, several processes of one machine) or PostgreSQL (several machines), through SQLAlchemy Core.
"""

from ethics_engine.store.database import Store
from ethics_engine.store.transaction import Practice, Said, State, Transaction

__all__ = ["Practice", "Said", "State", "Store", "Transaction"]
