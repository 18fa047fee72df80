"""What can be asked, and what is answered: requests, responses, the query language and its plan."""
