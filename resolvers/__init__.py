"""WHICH SOURCE ANSWERS: routing, composition and paging across sources. Records in, records out."""
