"""Learning centres (学习中心): who they are, where, when reachable, by which photo profile they work."""
