"""What people take away: whole searches, and the files they are written to. Of the engine it knows the protocol."""
