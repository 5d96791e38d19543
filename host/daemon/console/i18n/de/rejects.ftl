# Was nicht gelesen werden konnte.
reject = Eine Sendung, die nicht zu lesen war
rejects-what = Sendungen, die eine Quelle nicht lesen konnte. Berichtigen Sie die Quelle oder ihr Plugin und lesen Sie sie dann erneut.
rejects-none = Alles war zu lesen.
reject-why = Warum
reject-times = Wie oft
reject-first = Zuerst
reject-last = Zuletzt
reject-status = Beantwortet mit
reject-size = Größe
reject-method = Methode
reject-query = Abfrage
reject-facts = Was es ist
reject-retry = Erneut lesen
reject-remove-sure = Diese Sendung entfernen? Dann ist sie fort.
note-read = Sie war zu lesen und wurde aufgenommen.
note-removed = Entfernt.
