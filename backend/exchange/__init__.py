"""Files of other systems: rosters, 学信网 results, receipts, photos and discs taken in; what each import changed."""
