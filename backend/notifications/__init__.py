"""Who is told what, when, in which words. The inbox first."""
