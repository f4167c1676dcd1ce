"""How fast the generated screens are: ratios to Django's admin and to a raw query in the same run (`make bench`)."""
