"""Django's admin over the same dossiers, as its documentation would have one set it up: the peer to beat."""
