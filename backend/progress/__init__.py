"""Where each student stands on the official way, and on whose evidence."""
