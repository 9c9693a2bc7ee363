"""Objections: what somebody who was acted on says against it, and what another moderator decides."""
