"""How `triptych download` keeps pictures: under which name, whole, and each once."""
