"""What moderators do about a person: notes, warnings, holding, slow mode, suspensions, bans."""
