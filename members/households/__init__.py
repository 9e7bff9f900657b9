"""
Households: members who fill one pool and spend it together.

Whoever changes who is in a household has its pool locked (`ledger.services.lock_wallets`), with the wallet of who is
about to come or go; what is read behind that lock holds until the transaction ends.
"""
