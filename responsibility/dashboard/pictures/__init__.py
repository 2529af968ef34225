"""The pictures below the overview: each one scoped set of numbers, drawn, tabled and exported."""
