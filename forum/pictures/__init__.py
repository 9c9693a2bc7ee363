"""Pictures: opened with care, encoded anew, kept in three widths, and deleted when no article shows them."""
