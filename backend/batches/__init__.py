"""Batches to a capture unit: accepted photos, one photo to one record, in the unit's fixed format, with a receipt."""
