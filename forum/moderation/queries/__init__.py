"""What moderators read (`desk`), what was decided (`decisions`), and what the form of a report needs (`reports`)."""
