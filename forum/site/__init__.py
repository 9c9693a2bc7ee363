"""The settings of the site, its documents, and the pages that show and change them."""
