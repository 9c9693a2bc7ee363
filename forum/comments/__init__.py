"""The discussion. `writing`, `ending` and `reading` are its floors; the files beside them serve all three."""
