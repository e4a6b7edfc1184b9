"""What keeps and judges: sealed reports come in, are verified and stored, and policy clauses are judged from them."""
